-- name: cohort_roles_missing
-- People who are active through Cohort sync without the role that the method gives.
-- why: They are in the course and may do nothing there.
-- severity: warning
-- mend: Bring the method in step: greffe methods sync, or Moodle's own task (see that cron runs).
-- cost: one look by index for each enrolment of these methods
SELECT e.id AS enrolid, e.courseid, ue.userid, e.roleid
  FROM {enrol} e
  {join} {role} r ON r.id = e.roleid
  {join} {user_enrolments} there {along:user_enrolments enrolid,userid} ON there.enrolid = e.id
  LEFT JOIN (SELECT id, itemid, userid, roleid FROM {role_assignments} {along:role_assignments component,itemid,userid}
              WHERE component = 'enrol_cohort' {fence}) ra
    ON ra.itemid = e.id AND ra.userid = there.userid AND ra.roleid = e.roleid
  {join} {user_enrolments} ue ON ue.id = there.id AND ue.status = 0
 WHERE e.enrol = 'cohort' AND e.status = 0 AND ra.id IS NULL;
