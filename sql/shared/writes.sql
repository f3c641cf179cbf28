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

-- name: methods_in_courses
-- Every way into these courses.
SELECT id, courseid FROM {enrol} WHERE courseid {in:courses} ORDER BY id;

-- name: deleted_people
SELECT id FROM {user} WHERE id {in:users} AND deleted <> 0;

-- name: set_enrolment_status
-- update_user_enrol: status, modifier and clock; times stay.
UPDATE {user_enrolments} SET status = %(status)s, modifierid = %(modifier)s, timemodified = %(now)s WHERE id {in:ids};

-- name: set_enrolment
-- enrol_user on a row that exists: active again, and its times forced.
UPDATE {user_enrolments} SET status = %(status)s, timestart = %(timestart)s, timeend = %(timeend)s,
       modifierid = %(modifier)s, timemodified = %(now)s WHERE id {in:ids};

-- name: delete_rows
-- Rows of one table by id: Moodle's, each held and noted in the journal before; Greffe's own, once they are too old.
DELETE FROM {table} WHERE id {in:ids};

-- name: hold_groups
-- Groups that are still there, held until their new members are in; their clock is to be set anyway.
SELECT id FROM {groups} WHERE id {in:groups} ORDER BY id FOR UPDATE;

-- name: touch_groups
UPDATE {groups} SET timemodified = %(now)s WHERE id {in:groups};

-- name: dirty_flags
-- Flags of these people (or contexts) that are already there (there is no unique key, so each writer looks first).
SELECT id, name FROM {cache_flags} WHERE flagtype = %(flagtype)s AND name {in:names};

-- name: refresh_dirty_flags
UPDATE {cache_flags} SET value = '1', timemodified = %(stamp)s, expiry = %(expiry)s WHERE id {in:ids};

-- name: conversations_of_groups
SELECT itemid, id FROM {message_conversations}
 WHERE component = 'core_group' AND itemtype = 'groups' AND itemid {in:groups} ORDER BY id;

-- name: keep_history
-- grade_object::delete: a deleted grade leaves its last state in the history (action 3), for as much as that has columns.
INSERT INTO {grade_grades_history} (action, oldid, source, timemodified, loggeduser, {columns})
SELECT 3, id, 'userdelete', %(now)s, %(modifier)s, {columns} FROM {grade_grades} WHERE id {in:ids};
