-- name: enrolments_now
-- The rows that this transaction is about to change or to add, as they are now, held until its end. The keys lead the
-- join, whatever the statistics say after a bulk load, and the hint names the index that leads to these rows alone:
-- every row that is read on another way is held as well, and waits for whoever holds it.
WITH wanted (enrol, person) AS (VALUES {rows}(%(enrol)s, %(user)s){/rows})
SELECT ue.id, ue.userid, ue.status, ue.timestart, ue.timeend, ue.modifierid, ue.timecreated, ue.timemodified, ue.enrolid
  FROM wanted STRAIGHT_JOIN {user_enrolments} ue {hint} ON ue.enrolid = wanted.enrol AND ue.userid = wanted.person
   FOR UPDATE;

-- name: roles_now
-- Left to itself the server takes the index on the person, and so holds his roles in all other courses.
WITH wanted (enrol, person) AS (VALUES {rows}(%(enrol)s, %(user)s){/rows})
SELECT ra.id, ra.userid, ra.roleid, ra.contextid, ra.timemodified, ra.modifierid, ra.component, ra.itemid, ra.sortorder
  FROM wanted STRAIGHT_JOIN {role_assignments} ra {hint}
    ON ra.component = %(component)s AND ra.itemid = wanted.enrol AND ra.userid = wanted.person
   FOR UPDATE;

-- name: roles_by_hand_now
-- What these people hold of nobody in these contexts: given by hand, or by a method whose roles are not its own.
WITH wanted (context, person) AS (VALUES {rows}(%(context)s, %(user)s){/rows})
SELECT ra.id, ra.userid, ra.roleid, ra.contextid, ra.timemodified, ra.modifierid, ra.component, ra.itemid, ra.sortorder
  FROM wanted STRAIGHT_JOIN {role_assignments} ra {hint}
    ON ra.userid = wanted.person AND ra.contextid = wanted.context AND ra.component = '' AND ra.itemid = 0
   FOR UPDATE;

-- name: memberships_now
-- Of these (group, person): the memberships that are there, held.
WITH wanted (groupid, person) AS (VALUES {rows}(%(group)s, %(user)s){/rows})
SELECT m.id, m.userid, m.groupid, m.timeadded, m.component, m.itemid
  FROM wanted STRAIGHT_JOIN {groups_members} m ON m.userid = wanted.person AND m.groupid = wanted.groupid
   FOR UPDATE;

-- name: conversation_members_now
WITH wanted (conversation, person) AS (VALUES {rows}(%(conversation)s, %(user)s){/rows})
SELECT m.conversationid, m.userid
  FROM wanted STRAIGHT_JOIN {message_conversation_members} m ON m.conversationid = wanted.conversation AND m.userid = wanted.person;
