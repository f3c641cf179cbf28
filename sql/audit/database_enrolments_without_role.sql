-- name: database_enrolments_without_role
-- Active enrolments of External database without any role of that method.
-- why: Moodle's own sync does not see them and never ends them; the people are in the course and may do nothing there.
-- severity: warning
-- mend: Let a night of Greffe give the role (its feed names the person), or end the enrolment.
-- cost: one look by index for each enrolment of the method
SELECT e.id AS enrolid, e.courseid, ue.userid, ue.id
  FROM {enrol} e
  {join} {user_enrolments} there {along:user_enrolments enrolid,userid} ON there.enrolid = e.id
  LEFT JOIN (SELECT id, itemid, userid FROM {role_assignments} {along:role_assignments component,itemid,userid}
              WHERE component = 'enrol_database' {fence}) ra
    ON ra.itemid = e.id AND ra.userid = there.userid
  {join} {user_enrolments} ue ON ue.id = there.id AND ue.status = 0
 WHERE e.enrol = 'database' AND ra.id IS NULL;
