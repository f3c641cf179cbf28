-- name: standing
-- Before a plan unenrols: of these (course, method, person) those whose row was last written at the given moment or
-- before it: its status, whether they have another enrolment in the course, and whether they have grades there. What a grade is: a
-- raw grade; a final one that Moodle does not compute from others (totals are there for everybody); feedback; or
-- anything that a teacher set by hand. Empty rows, which Moodle makes by itself, are none. A lateral query with a LIMIT
-- is asked for each person by index, whatever the statistics say.
SELECT wanted.course, wanted.person, due.status, COALESCE(another.there, 0), COALESCE(graded.there, 0)
  FROM unnest(%(course)s::bigint[], %(enrol)s::bigint[], %(user)s::bigint[], %(moment)s::bigint[]) AS wanted(course, enrol, person, moment)
 CROSS JOIN LATERAL (
       SELECT ue.status FROM {user_enrolments} ue
        WHERE ue.enrolid = wanted.enrol AND ue.userid = wanted.person AND ue.timemodified <= wanted.moment OFFSET 0) AS due
  LEFT JOIN LATERAL (
       SELECT 1 AS there FROM {enrol} e JOIN {user_enrolments} o ON o.enrolid = e.id AND o.userid = wanted.person
        WHERE e.courseid = wanted.course AND e.id <> wanted.enrol LIMIT 1) AS another ON TRUE
  LEFT JOIN LATERAL (
       SELECT 1 AS there FROM {grade_items} i JOIN {grade_grades} g ON g.itemid = i.id AND g.userid = wanted.person
        WHERE i.courseid = wanted.course AND (g.rawgrade IS NOT NULL OR (g.finalgrade IS NOT NULL AND i.itemtype NOT IN ('course', 'category') AND COALESCE(i.calculation, '') = '')
            OR (g.feedback IS NOT NULL AND g.feedback <> '') OR g.overridden <> 0 OR g.excluded <> 0 OR g.locked <> 0 OR g.hidden <> 0)
        LIMIT 1) AS graded ON TRUE;

-- name: roles_left
-- What hangs on a person in a course, table by table, for those who leave it for good: ids only, read without locks, so
-- that no row that merely leads there (a grade item, a forum) is held; then the rows are held by id. Roles: in the course's
-- context and every context below it, whoever gave them (role_unassign_all with subcontexts).
SELECT wanted.course, wanted.person, found.*
  FROM unnest(%(course)s::bigint[], %(user)s::bigint[]) AS wanted(course, person)
 CROSS JOIN LATERAL (
       SELECT ra.id
         FROM {context} c
         JOIN {role_assignments} ra ON ra.userid = wanted.person
         JOIN {context} x ON x.id = ra.contextid AND (x.id = c.id OR x.path LIKE CONCAT(c.path, '/%%'))
        WHERE c.contextlevel = 50 AND c.instanceid = wanted.course
       OFFSET 0) AS found;

-- name: memberships_left
-- All groups of the course (groups_delete_group_members).
SELECT wanted.course, wanted.person, found.*
  FROM unnest(%(course)s::bigint[], %(user)s::bigint[]) AS wanted(course, person)
 CROSS JOIN LATERAL (
       SELECT m.id
         FROM {groups_members} m
         JOIN {groups} g ON g.id = m.groupid AND g.courseid = wanted.course
        WHERE m.userid = wanted.person
       OFFSET 0) AS found;

-- name: grades_left
-- Every grade, with whether Moodle computes it from others: such a grade is nobody's work (grade_user_unenrol).
SELECT wanted.course, wanted.person, found.*
  FROM unnest(%(course)s::bigint[], %(user)s::bigint[]) AS wanted(course, person)
 CROSS JOIN LATERAL (
       SELECT g.id, CASE WHEN i.itemtype IN ('course', 'category') OR COALESCE(i.calculation, '') <> '' THEN 1 ELSE 0 END
         FROM {grade_items} i
         JOIN {grade_grades} g ON g.userid = wanted.person AND g.itemid = i.id
        WHERE i.courseid = wanted.course
       OFFSET 0) AS found;

-- name: visits_left
SELECT wanted.course, wanted.person, found.*
  FROM unnest(%(course)s::bigint[], %(user)s::bigint[]) AS wanted(course, person)
 CROSS JOIN LATERAL (
       SELECT v.id
         FROM {user_lastaccess} v
        WHERE v.userid = wanted.person AND v.courseid = wanted.course
       OFFSET 0) AS found;

-- name: subscriptions_left
-- The forums of the course (mod_forum's observer of user_enrolment_deleted).
SELECT wanted.course, wanted.person, found.*
  FROM unnest(%(course)s::bigint[], %(user)s::bigint[]) AS wanted(course, person)
 CROSS JOIN LATERAL (
       SELECT s.id
         FROM {forum} f
         JOIN {forum_subscriptions} s ON s.userid = wanted.person AND s.forum = f.id
        WHERE f.course = wanted.course
       OFFSET 0) AS found;

-- name: digests_left
SELECT wanted.course, wanted.person, found.*
  FROM unnest(%(course)s::bigint[], %(user)s::bigint[]) AS wanted(course, person)
 CROSS JOIN LATERAL (
       SELECT s.id
         FROM {forum} f
         JOIN {forum_digests} s ON s.userid = wanted.person AND s.forum = f.id
        WHERE f.course = wanted.course
       OFFSET 0) AS found;

-- name: tracking_left
SELECT wanted.course, wanted.person, found.*
  FROM unnest(%(course)s::bigint[], %(user)s::bigint[]) AS wanted(course, person)
 CROSS JOIN LATERAL (
       SELECT s.id
         FROM {forum} f
         JOIN {forum_track_prefs} s ON s.userid = wanted.person AND s.forumid = f.id
        WHERE f.course = wanted.course
       OFFSET 0) AS found;

-- name: reading_left
SELECT wanted.course, wanted.person, found.*
  FROM unnest(%(course)s::bigint[], %(user)s::bigint[]) AS wanted(course, person)
 CROSS JOIN LATERAL (
       SELECT s.id
         FROM {forum} f
         JOIN {forum_read} s ON s.userid = wanted.person AND s.forumid = f.id
        WHERE f.course = wanted.course
       OFFSET 0) AS found;

-- name: memberships_through
-- Memberships of these people that came through these methods (unenrol_user, whether it is the last or not).
SELECT wanted.enrol, wanted.person, found.*
  FROM unnest(%(enrol)s::bigint[], %(user)s::bigint[]) AS wanted(enrol, person)
 CROSS JOIN LATERAL (
       SELECT m.id
         FROM {groups_members} m
        WHERE m.userid = wanted.person AND m.component = %(component)s AND m.itemid = wanted.enrol
       OFFSET 0) AS found;

-- name: conversations_of_members
-- groups_remove_member: whoever leaves a group leaves its conversation. Of these (group, person): memberships of it.
SELECT wanted.groupid, wanted.person, found.*
  FROM unnest(%(group)s::bigint[], %(user)s::bigint[]) AS wanted(groupid, person)
 CROSS JOIN LATERAL (
       SELECT m.id
         FROM {message_conversations} c
         JOIN {message_conversation_members} m ON m.conversationid = c.id AND m.userid = wanted.person
        WHERE c.component = 'core_group' AND c.itemtype = 'groups' AND c.itemid = wanted.groupid
       OFFSET 0) AS found;
