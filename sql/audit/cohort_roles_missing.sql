-- name: cohort_roles_missing
-- People who are active through Cohort sync without the role that the method gives.
-- why: They are in the course and may do nothing there.
-- severity: warning
-- mend: Bring the method in step: greffe methods sync, or Moodle's own task (see that cron runs).
-- cost: one look by index for each enrolment of these methods
SELECT e.id AS enrolid, e.courseid, ue.userid, e.roleid
  FROM {enrol} e
  {join} {role} r ON r.id = e.roleid
  {join} {user_enrolments} ue {along:user_enrolments enrolid,userid} ON ue.enrolid = e.id AND ue.status = 0
  LEFT JOIN {role_assignments} ra {along:role_assignments component,itemid,userid}
    ON ra.component = 'enrol_cohort' AND ra.itemid = e.id AND ra.userid = ue.userid AND ra.roleid = e.roleid
 WHERE e.enrol = 'cohort' AND e.status = 0 AND ra.id IS NULL;
