-- name: standing
-- Before a plan unenrols: of these (course, method, person) those whose row was last written at the given moment or
-- before it: its status, whether they have another enrolment in the course, and whether they have grades there. What a grade is: a
-- raw grade; a final one that Moodle does not compute from others (totals are there for everybody); feedback; or
-- anything that a teacher set by hand. Empty rows, which Moodle makes by itself, are none. Scalar queries with a LIMIT,
-- since an EXISTS may be turned into a table of everybody's grades.
WITH wanted (course, enrol, person, moment) AS (VALUES {rows}(%(course)s, %(enrol)s, %(user)s, %(moment)s){/rows})
SELECT wanted.course, wanted.person, ue.status,
       COALESCE((SELECT 1 FROM {enrol} e STRAIGHT_JOIN {user_enrolments} o ON o.enrolid = e.id AND o.userid = wanted.person
                WHERE e.courseid = wanted.course AND e.id <> wanted.enrol LIMIT 1), 0),
       COALESCE((SELECT 1 FROM {grade_items} i STRAIGHT_JOIN {grade_grades} g ON g.itemid = i.id AND g.userid = wanted.person
                WHERE i.courseid = wanted.course AND (g.rawgrade IS NOT NULL OR (g.finalgrade IS NOT NULL AND i.itemtype NOT IN ('course', 'category') AND COALESCE(i.calculation, '') = '')
            OR (g.feedback IS NOT NULL AND g.feedback <> '') OR g.overridden <> 0 OR g.excluded <> 0 OR g.locked <> 0 OR g.hidden <> 0)
                LIMIT 1), 0)
  FROM wanted STRAIGHT_JOIN {user_enrolments} ue ON ue.enrolid = wanted.enrol AND ue.userid = wanted.person
 WHERE ue.timemodified <= wanted.moment;

-- name: roles_left
-- What hangs on a person in a course, table by table, for those who leave it for good: ids only, read without locks, so
-- that no row that merely leads there (a grade item, a forum) is held; then the rows are held by id. Roles: in the course's
-- context and every context below it, whoever gave them (role_unassign_all with subcontexts).
WITH wanted (course, person) AS (VALUES {rows}(%(course)s, %(user)s){/rows})
SELECT wanted.course, wanted.person, ra.id
  FROM wanted
       STRAIGHT_JOIN {context} c ON c.contextlevel = 50 AND c.instanceid = wanted.course
       STRAIGHT_JOIN {role_assignments} ra ON ra.userid = wanted.person
       STRAIGHT_JOIN {context} x ON x.id = ra.contextid AND (x.id = c.id OR x.path LIKE CONCAT(c.path, '/%%'));

-- name: memberships_left
-- All groups of the course (groups_delete_group_members).
WITH wanted (course, person) AS (VALUES {rows}(%(course)s, %(user)s){/rows})
SELECT wanted.course, wanted.person, m.id
  FROM wanted
       STRAIGHT_JOIN {groups_members} m ON m.userid = wanted.person
       STRAIGHT_JOIN {groups} g ON g.id = m.groupid AND g.courseid = wanted.course;

-- name: grades_left
-- Every grade, with whether Moodle computes it from others: such a grade is nobody's work (grade_user_unenrol).
WITH wanted (course, person) AS (VALUES {rows}(%(course)s, %(user)s){/rows})
SELECT wanted.course, wanted.person, g.id, CASE WHEN i.itemtype IN ('course', 'category') OR COALESCE(i.calculation, '') <> '' THEN 1 ELSE 0 END
  FROM wanted
       STRAIGHT_JOIN {grade_items} i ON i.courseid = wanted.course
       STRAIGHT_JOIN {grade_grades} g ON g.userid = wanted.person AND g.itemid = i.id;

-- name: visits_left
WITH wanted (course, person) AS (VALUES {rows}(%(course)s, %(user)s){/rows})
SELECT wanted.course, wanted.person, v.id
  FROM wanted
       STRAIGHT_JOIN {user_lastaccess} v ON v.userid = wanted.person AND v.courseid = wanted.course;

-- name: subscriptions_left
-- The forums of the course (mod_forum's observer of user_enrolment_deleted).
WITH wanted (course, person) AS (VALUES {rows}(%(course)s, %(user)s){/rows})
SELECT wanted.course, wanted.person, s.id
  FROM wanted
       STRAIGHT_JOIN {forum} f ON f.course = wanted.course
       STRAIGHT_JOIN {forum_subscriptions} s ON s.userid = wanted.person AND s.forum = f.id;

-- name: digests_left
WITH wanted (course, person) AS (VALUES {rows}(%(course)s, %(user)s){/rows})
SELECT wanted.course, wanted.person, s.id
  FROM wanted
       STRAIGHT_JOIN {forum} f ON f.course = wanted.course
       STRAIGHT_JOIN {forum_digests} s ON s.userid = wanted.person AND s.forum = f.id;

-- name: tracking_left
WITH wanted (course, person) AS (VALUES {rows}(%(course)s, %(user)s){/rows})
SELECT wanted.course, wanted.person, s.id
  FROM wanted
       STRAIGHT_JOIN {forum} f ON f.course = wanted.course
       STRAIGHT_JOIN {forum_track_prefs} s ON s.userid = wanted.person AND s.forumid = f.id;

-- name: reading_left
WITH wanted (course, person) AS (VALUES {rows}(%(course)s, %(user)s){/rows})
SELECT wanted.course, wanted.person, s.id
  FROM wanted
       STRAIGHT_JOIN {forum} f ON f.course = wanted.course
       STRAIGHT_JOIN {forum_read} s ON s.userid = wanted.person AND s.forumid = f.id;

-- name: memberships_through
-- Memberships of these people that came through these methods (unenrol_user, whether it is the last or not).
WITH wanted (enrol, person) AS (VALUES {rows}(%(enrol)s, %(user)s){/rows})
SELECT wanted.enrol, wanted.person, m.id
  FROM wanted
       STRAIGHT_JOIN {groups_members} m ON m.userid = wanted.person AND m.component = %(component)s AND m.itemid = wanted.enrol;

-- name: conversations_of_members
-- groups_remove_member: whoever leaves a group leaves its conversation. Of these (group, person): memberships of it.
WITH wanted (groupid, person) AS (VALUES {rows}(%(group)s, %(user)s){/rows})
SELECT wanted.groupid, wanted.person, m.id
  FROM wanted
       STRAIGHT_JOIN {message_conversations} c ON c.component = 'core_group' AND c.itemtype = 'groups' AND c.itemid = wanted.groupid
       STRAIGHT_JOIN {message_conversation_members} m ON m.conversationid = c.id AND m.userid = wanted.person;
