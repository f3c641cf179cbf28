-- name: cohort_members_not_enrolled
-- Members of a cohort who are not active in a course that follows it.
-- why: The method is out of step: they should be in the course and are not.
-- severity: warning
-- mend: Bring the method in step: greffe methods sync, or Moodle's own task (see that cron runs).
-- cost: one look by index for each member and method
SELECT e.id AS enrolid, e.courseid, e.customint1 AS cohortid, m.userid
  FROM {config} c
  {join} {enrol} e ON e.enrol = 'cohort' AND e.status = 0
  {join} {cohort_members} m ON m.cohortid = e.customint1
  LEFT JOIN {user_enrolments} ue {along:user_enrolments enrolid,userid} ON ue.enrolid = e.id AND ue.userid = m.userid AND ue.status = 0
  {join} {user} u ON u.id = m.userid AND u.deleted = 0
 WHERE c.name = 'enrol_plugins_enabled' AND CONCAT(',', c.value, ',') LIKE '%,cohort,%' AND ue.id IS NULL;
