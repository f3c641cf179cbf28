-- name: cohorts_of_people
-- Which cohorts know some of these people, and how many of them.
SELECT cohortid, COUNT(*) FROM {cohort_members} WHERE userid {in:users} GROUP BY cohortid;

-- name: sizes_of_cohorts
SELECT cohortid, COUNT(*) FROM {cohort_members} WHERE cohortid {in:cohorts} GROUP BY cohortid;

-- name: names_of_accounts
-- How people call them: the student number, else the username.
SELECT id, idnumber, username FROM {user} WHERE id {in:users};

-- name: enrolled_by_hand
-- Who is in a course by a method that people decide of, whether he is active and until when.
SELECT e.enrol, ue.userid, ue.status, ue.timeend
  FROM {enrol} e JOIN {user_enrolments} ue ON ue.enrolid = e.id
 WHERE e.courseid = %(course)s AND e.enrol IN ('manual', 'self');
