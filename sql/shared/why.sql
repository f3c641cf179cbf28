-- name: accounts_by_id
-- Who somebody is, be his account deleted or not.
SELECT id, username, idnumber, email, firstname, lastname, deleted, suspended, confirmed, timecreated FROM {user} WHERE id {in:users};

-- name: enrolments_of_person
-- Every enrolment of one person with the method that it came by: along the index that begins with the person.
SELECT ue.id, ue.enrolid, e.courseid, e.enrol, ue.status, ue.timestart, ue.timeend, ue.timecreated, ue.timemodified, ue.modifierid
  FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid
 WHERE ue.userid = %(user)s ORDER BY e.courseid, ue.id;

-- name: course_roles_of_person
-- The roles that one person holds in courses, and by whom they were given.
SELECT ra.id, ra.roleid, x.instanceid, ra.component, ra.itemid, ra.timemodified
  FROM {role_assignments} ra JOIN {context} x ON x.id = ra.contextid AND x.contextlevel = 50
 WHERE ra.userid = %(user)s ORDER BY ra.id;

-- name: groups_of_person
SELECT m.id, g.courseid, g.name, m.timeadded
  FROM {groups_members} m JOIN {groups} g ON g.id = m.groupid
 WHERE m.userid = %(user)s ORDER BY m.id;

-- name: cohorts_of_person
SELECT id, cohortid, timeadded FROM {cohort_members} WHERE userid = %(user)s ORDER BY cohortid;

-- name: ways_whole
-- Every method of some courses, with what it follows and gives.
SELECT id, courseid, enrol, status, customint1, customint2, roleid, timecreated FROM {enrol} WHERE courseid {in:courses} ORDER BY courseid, id;

-- name: courses_that_follow
-- Courses in which a method follows one of these: cohorts, or parent courses.
SELECT DISTINCT courseid FROM {enrol} WHERE enrol = %(method)s AND customint1 {in:sources};

-- name: cohorts_made
-- When a cohort came into Moodle.
SELECT id, idnumber, name, timecreated FROM {cohort} WHERE id {in:ids};

-- name: runs_of_cohorts
-- By which run a cohort became Greffe's.
SELECT cohortid, MIN(runid) FROM {local_greffe_cohort} WHERE cohortid {in:cohorts} GROUP BY cohortid;

-- name: runs_of_methods
-- By which run a method instance became Greffe's.
SELECT enrolid, runid FROM {local_greffe_method} WHERE enrolid {in:enrols};

-- name: journal_whole_after
-- The last second in which a run may have written whose changes the journal has no longer: that in
-- which the first run began after the last one that was pruned; -1 where none was. Runs are few: one a night.
SELECT CASE WHEN p.latest IS NULL THEN -1
            ELSE COALESCE((SELECT MIN(r.timestarted) FROM {local_greffe_run} r WHERE r.id > p.latest), 9223372036854775807) END
  FROM (SELECT MAX(id) AS latest FROM {local_greffe_run} WHERE reason = 'pruned') p;
