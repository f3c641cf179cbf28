-- name: duplicate_methods
-- Courses with more than one instance of a method; Moodle itself then uses an arbitrary one.
SELECT c.id, c.shortname, COUNT(*) FROM {enrol} e JOIN {course} c ON c.id = e.courseid
 WHERE e.enrol = %(method)s GROUP BY c.id, c.shortname HAVING COUNT(*) > 1 ORDER BY c.id;

-- name: accounts_by_lock
-- Living accounts by their authentication, and whether that lets them write a field of their own profile.
SELECT a.auth, a.accounts, c.value
  FROM (SELECT u.auth, COUNT(*) AS accounts FROM {user} u WHERE u.deleted = 0 AND u.suspended = 0 AND u.username <> 'guest' AND u.auth <> 'nologin'
         GROUP BY u.auth) a
  LEFT JOIN {config_plugins} c ON c.plugin = CONCAT('auth_', a.auth) AND c.name = %(lock)s
 ORDER BY a.accounts DESC;

-- name: may_add_enrol
-- From here on: what Greffe must be allowed to do, tried without effect. This list is also what to grant.
INSERT INTO {enrol} (enrol, courseid) SELECT enrol, courseid FROM {enrol} WHERE 1 = 0;

-- name: may_change_enrol
-- This and the next only where there are rules for methods.
UPDATE {enrol} SET status = status, roleid = roleid, customint1 = customint1, customint2 = customint2, timemodified = timemodified WHERE 1 = 0;

-- name: may_delete_enrol
DELETE FROM {enrol} WHERE 1 = 0;

-- name: may_add_user_enrolments
INSERT INTO {user_enrolments} (status, enrolid, userid) SELECT status, enrolid, userid FROM {user_enrolments} WHERE 1 = 0;

-- name: may_change_user_enrolments
UPDATE {user_enrolments} SET status = status, timestart = timestart, timeend = timeend, modifierid = modifierid, timemodified = timemodified WHERE 1 = 0;

-- name: may_delete_user_enrolments
DELETE FROM {user_enrolments} WHERE 1 = 0;

-- name: may_add_role_assignments
INSERT INTO {role_assignments} (roleid, contextid, userid) SELECT roleid, contextid, userid FROM {role_assignments} WHERE 1 = 0;

-- name: may_hold_role_assignments
SELECT id FROM {role_assignments} WHERE 1 = 0 FOR UPDATE;

-- name: may_delete_role_assignments
DELETE FROM {role_assignments} WHERE 1 = 0;

-- name: may_add_groups
INSERT INTO {groups} (courseid, name) SELECT courseid, name FROM {groups} WHERE 1 = 0;

-- name: may_change_groups
UPDATE {groups} SET timemodified = timemodified WHERE 1 = 0;

-- name: may_add_groups_members
INSERT INTO {groups_members} (groupid, userid) SELECT groupid, userid FROM {groups_members} WHERE 1 = 0;

-- name: may_hold_groups_members
SELECT id FROM {groups_members} WHERE 1 = 0 FOR UPDATE;

-- name: may_delete_groups_members
DELETE FROM {groups_members} WHERE 1 = 0;

-- name: may_add_message_conversation_members
INSERT INTO {message_conversation_members} (conversationid, userid, timecreated) SELECT conversationid, userid, timecreated FROM {message_conversation_members} WHERE 1 = 0;

-- name: may_delete_message_conversation_members
DELETE FROM {message_conversation_members} WHERE 1 = 0;

-- name: may_add_cache_flags
INSERT INTO {cache_flags} (flagtype, name, value, timemodified, expiry) SELECT flagtype, name, value, timemodified, expiry FROM {cache_flags} WHERE 1 = 0;

-- name: may_change_cache_flags
UPDATE {cache_flags} SET value = value, timemodified = timemodified, expiry = expiry WHERE 1 = 0;

-- name: may_hold_course
-- Only to lock rows, so that two writers do not both create a method.
SELECT id FROM {course} WHERE 1 = 0 FOR UPDATE;

-- name: may_read_user
SELECT id, idnumber, username, email, deleted, mnethostid, firstname, lastname FROM {user} WHERE 1 = 0;

-- name: may_read_context
SELECT id, contextlevel, instanceid FROM {context} WHERE 1 = 0;

-- name: may_read_role
SELECT id, shortname, archetype FROM {role} WHERE 1 = 0;

-- name: may_read_task_scheduled
SELECT classname, disabled, timestarted, hostname, pid FROM {task_scheduled} WHERE 1 = 0;

-- name: may_read_cohort
-- This and the next only where cohort methods are brought in step.
SELECT id, name, idnumber FROM {cohort} WHERE 1 = 0;

-- name: may_read_cohort_members
SELECT cohortid, userid FROM {cohort_members} WHERE 1 = 0;

-- name: may_read_message_conversations
SELECT id, component, itemtype, itemid FROM {message_conversations} WHERE 1 = 0;

-- name: may_hold_grade_grades
-- From here on: what goes with a person's last enrolment in a course, and what an undo brings back.
SELECT id FROM {grade_grades} WHERE 1 = 0 FOR UPDATE;

-- name: may_add_grade_grades
INSERT INTO {grade_grades} (itemid, userid) SELECT itemid, userid FROM {grade_grades} WHERE 1 = 0;

-- name: may_delete_grade_grades
DELETE FROM {grade_grades} WHERE 1 = 0;

-- name: may_add_grade_grades_history
INSERT INTO {grade_grades_history} (oldid, itemid, userid) SELECT oldid, itemid, userid FROM {grade_grades_history} WHERE 1 = 0;

-- name: may_hold_user_lastaccess
SELECT id FROM {user_lastaccess} WHERE 1 = 0 FOR UPDATE;

-- name: may_add_user_lastaccess
INSERT INTO {user_lastaccess} (userid, courseid) SELECT userid, courseid FROM {user_lastaccess} WHERE 1 = 0;

-- name: may_delete_user_lastaccess
DELETE FROM {user_lastaccess} WHERE 1 = 0;

-- name: may_hold_message_conversation_members
SELECT id FROM {message_conversation_members} WHERE 1 = 0 FOR UPDATE;

-- name: may_read_grade_items
SELECT id, courseid, itemtype, calculation FROM {grade_items} WHERE 1 = 0;

-- name: may_read_forum
SELECT id, course FROM {forum} WHERE 1 = 0;

-- name: may_hold_forum_subscriptions
SELECT id FROM {forum_subscriptions} WHERE 1 = 0 FOR UPDATE;

-- name: may_add_forum_subscriptions
INSERT INTO {forum_subscriptions} (userid, forum) SELECT userid, forum FROM {forum_subscriptions} WHERE 1 = 0;

-- name: may_delete_forum_subscriptions
DELETE FROM {forum_subscriptions} WHERE 1 = 0;

-- name: may_hold_forum_digests
SELECT id FROM {forum_digests} WHERE 1 = 0 FOR UPDATE;

-- name: may_add_forum_digests
INSERT INTO {forum_digests} (userid, forum) SELECT userid, forum FROM {forum_digests} WHERE 1 = 0;

-- name: may_delete_forum_digests
DELETE FROM {forum_digests} WHERE 1 = 0;

-- name: may_hold_forum_track_prefs
SELECT id FROM {forum_track_prefs} WHERE 1 = 0 FOR UPDATE;

-- name: may_add_forum_track_prefs
INSERT INTO {forum_track_prefs} (userid, forumid) SELECT userid, forumid FROM {forum_track_prefs} WHERE 1 = 0;

-- name: may_delete_forum_track_prefs
DELETE FROM {forum_track_prefs} WHERE 1 = 0;

-- name: may_hold_forum_read
SELECT id FROM {forum_read} WHERE 1 = 0 FOR UPDATE;

-- name: may_add_forum_read
INSERT INTO {forum_read} (userid, forumid) SELECT userid, forumid FROM {forum_read} WHERE 1 = 0;

-- name: may_delete_forum_read
DELETE FROM {forum_read} WHERE 1 = 0;

-- name: may_add_cohort
-- Asked only where there are rules for cohorts, like the others with `cohort` in their names.
INSERT INTO {cohort} (contextid, name, descriptionformat, timecreated, timemodified)
SELECT contextid, name, descriptionformat, timecreated, timemodified FROM {cohort} WHERE 1 = 0;

-- name: may_change_cohort
UPDATE {cohort} SET contextid = contextid, name = name, idnumber = idnumber, description = description, visible = visible,
       component = component, timemodified = timemodified WHERE 1 = 0;

-- name: may_delete_cohort
DELETE FROM {cohort} WHERE 1 = 0;

-- name: may_add_cohort_members
INSERT INTO {cohort_members} (cohortid, userid, timeadded) SELECT cohortid, userid, timeadded FROM {cohort_members} WHERE 1 = 0;

-- name: may_hold_cohort_members
SELECT id FROM {cohort_members} WHERE 1 = 0 FOR UPDATE;

-- name: may_delete_cohort_members
DELETE FROM {cohort_members} WHERE 1 = 0;

-- name: may_read_course_categories
SELECT id FROM {course_categories} WHERE 1 = 0;

-- name: lock_may_add_lock_db
-- Only where Moodle locks by rows ($CFG->lock_factory is db_record).
INSERT INTO {lock_db} (resourcekey) SELECT resourcekey FROM {lock_db} WHERE 1 = 0;

-- name: lock_may_change_lock_db
UPDATE {lock_db} SET owner = owner, expires = expires WHERE 1 = 0;
