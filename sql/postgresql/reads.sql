-- name: enrolments_now
-- The rows that this transaction is about to change or to add, as they are now, held until its end. A lateral query
-- that locks cannot be turned into a scan of the whole table, whatever the statistics say after a bulk load.
SELECT found.*
  FROM unnest(%(enrol)s::bigint[], %(user)s::bigint[]) AS wanted(enrol, person)
 CROSS JOIN LATERAL (
       SELECT id, userid, status, timestart, timeend, modifierid, timecreated, timemodified, enrolid
         FROM {user_enrolments} WHERE enrolid = wanted.enrol AND userid = wanted.person FOR UPDATE) AS found;

-- name: roles_now
SELECT found.*
  FROM unnest(%(enrol)s::bigint[], %(user)s::bigint[]) AS wanted(enrol, person)
 CROSS JOIN LATERAL (
       SELECT id, userid, roleid, contextid, timemodified, modifierid, component, itemid, sortorder
         FROM {role_assignments}
        WHERE component = %(component)s AND itemid = wanted.enrol AND userid = wanted.person FOR UPDATE) AS found;

-- name: roles_by_hand_now
-- What these people hold of nobody in these contexts: given by hand, or by a method whose roles are not its own.
SELECT found.*
  FROM unnest(%(context)s::bigint[], %(user)s::bigint[]) AS wanted(context, person)
 CROSS JOIN LATERAL (
       SELECT id, userid, roleid, contextid, timemodified, modifierid, component, itemid, sortorder
         FROM {role_assignments}
        WHERE userid = wanted.person AND contextid = wanted.context AND component = '' AND itemid = 0 FOR UPDATE) AS found;

-- name: memberships_now
-- Of these (group, person): the memberships that are there, held.
SELECT found.*
  FROM unnest(%(group)s::bigint[], %(user)s::bigint[]) AS wanted(groupid, person)
 CROSS JOIN LATERAL (
       SELECT id, userid, groupid, timeadded, component, itemid
         FROM {groups_members} WHERE userid = wanted.person AND groupid = wanted.groupid FOR UPDATE) AS found;

-- name: conversation_members_now
SELECT found.*
  FROM unnest(%(conversation)s::bigint[], %(user)s::bigint[]) AS wanted(conversation, person)
 CROSS JOIN LATERAL (
       SELECT conversationid, userid
         FROM {message_conversation_members}
        WHERE conversationid = wanted.conversation AND userid = wanted.person OFFSET 0) AS found;
