-- name: database_roles_without_enrolment
-- Roles given by External database to people whom it does not enrol.
-- why: That is how Moodle and Greffe give a role alone ("other users"). Under Moodle's own action "unenrol" it stays when
-- the person leaves.
-- severity: info
-- mend: Nothing, where a rule gives the role alone. Else take it away, or let a rule of Greffe answer for it.
-- cost: one look by index for each role of the method
SELECT e.id AS enrolid, e.courseid, ra.userid, ra.roleid, ra.id
  FROM {enrol} e
  {join} {role_assignments} given {along:role_assignments component,itemid,userid} ON given.component = 'enrol_database' AND given.itemid = e.id
  LEFT JOIN (SELECT id, enrolid, userid FROM {user_enrolments} {along:user_enrolments enrolid,userid} {fence}) ue
    ON ue.enrolid = e.id AND ue.userid = given.userid
  {join} {role_assignments} ra ON ra.id = given.id
 WHERE e.enrol = 'database' AND ue.id IS NULL;
