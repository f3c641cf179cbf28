-- name: cohort_enrolments_without_member
-- People who are active through Cohort sync and are not in the cohort.
-- why: The method is out of step: they left the cohort and are still in the course.
-- severity: warning
-- mend: Bring the method in step: greffe methods sync, or Moodle's own task (see that cron runs).
-- cost: one look by index for each enrolment of these methods
SELECT e.id AS enrolid, e.courseid, e.customint1 AS cohortid, ue.userid, ue.id
  FROM {enrol} e
  {join} {user_enrolments} there {along:user_enrolments enrolid,userid} ON there.enrolid = e.id
  LEFT JOIN {cohort_members} m {along:cohort_members cohortid,userid} ON m.cohortid = e.customint1 AND m.userid = there.userid
  {join} {user_enrolments} ue ON ue.id = there.id AND ue.status = 0
 WHERE e.enrol = 'cohort' AND m.id IS NULL;
