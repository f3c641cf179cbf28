-- name: next_sortorder
-- Where a new method stands in its course (enrol_plugin::add_instance).
SELECT courseid, MAX(sortorder) + 1 FROM {enrol} WHERE courseid {in:courses} GROUP BY courseid;

-- name: methods_of_courses
-- Instances that may have been born since the plan was made.
SELECT courseid, MIN(id) FROM {enrol} WHERE enrol = %(method)s AND courseid {in:courses} GROUP BY courseid;

-- name: lock_courses
-- Two writers that both find no method would both create one: Greffe queues on the courses' rows.
SELECT id FROM {course} WHERE id {in:courses} ORDER BY id FOR UPDATE;

-- name: places_now
-- Of these methods, those that are still there, with their course and its context: a plan may be minutes old.
SELECT e.id FROM {enrol} e JOIN {course} c ON c.id = e.courseid JOIN {context} x ON x.contextlevel = 50 AND x.instanceid = c.id
 WHERE e.id {in:enrols};

-- name: memberships_now
SELECT id, userid, groupid, timeadded, component, itemid
  FROM {groups_members} WHERE groupid {in:groups} AND userid {in:users} ORDER BY id FOR UPDATE;

-- name: enrolments_elsewhere
-- Who of these has another enrolment in the course: for them a removal is not the last (unenrol_user).
SELECT DISTINCT ue.userid FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid
 WHERE e.courseid = %(course)s AND ue.enrolid <> %(enrol)s AND ue.userid {in:users};

-- name: deleted_people
SELECT id FROM {user} WHERE id {in:users} AND deleted <> 0;

-- name: set_enrolment_status
-- update_user_enrol: status, modifier and clock; times stay.
UPDATE {user_enrolments} SET status = %(status)s, modifierid = %(modifier)s, timemodified = %(now)s WHERE id {in:ids};

-- name: set_enrolment
-- enrol_user on a row that exists: active again, and its times forced.
UPDATE {user_enrolments} SET status = %(status)s, timestart = %(timestart)s, timeend = %(timeend)s,
       modifierid = %(modifier)s, timemodified = %(now)s WHERE id {in:ids};

-- name: delete_enrolments
DELETE FROM {user_enrolments} WHERE id {in:ids};

-- name: delete_roles
DELETE FROM {role_assignments} WHERE id {in:ids};

-- name: delete_memberships
DELETE FROM {groups_members} WHERE id {in:ids};

-- name: touch_groups
UPDATE {groups} SET timemodified = %(now)s WHERE id {in:groups};

-- name: dirty_flags
-- Flags of these people that are already there (there is no unique key, so each writer looks first).
SELECT id, name FROM {cache_flags} WHERE flagtype = 'accesslib/dirtyusers' AND name {in:names};

-- name: refresh_dirty_flags
UPDATE {cache_flags} SET value = '1', timemodified = %(stamp)s, expiry = %(expiry)s WHERE id {in:ids};

-- name: leave_conversations
-- groups_remove_member: whoever leaves a group leaves its conversation.
SELECT m.id FROM {message_conversation_members} m JOIN {message_conversations} c ON c.id = m.conversationid
 WHERE c.component = 'core_group' AND c.itemtype = 'groups' AND c.itemid = %(group)s AND m.userid {in:users};

-- name: delete_conversation_members
DELETE FROM {message_conversation_members} WHERE id {in:ids};

-- name: conversation_of_group
SELECT id FROM {message_conversations}
 WHERE component = 'core_group' AND itemtype = 'groups' AND itemid = %(group)s ORDER BY id;

-- name: conversation_members_now
SELECT userid FROM {message_conversation_members} WHERE conversationid = %(conversation)s AND userid {in:users};
