-- name: roles_without_enrolment
-- Roles given by a method (not database) to people whom that method does not enrol.
-- why: Moodle only takes such a role away together with the enrolment: without one it stays for ever.
-- severity: error
-- mend: Take the role away on the page of the course's participants or permissions, or delete the rows by id.
-- cost: one look by index for each role that such a method gave
SELECT e.id AS enrolid, e.courseid, ra.userid, ra.roleid, ra.id
  FROM {enrol} e
  {join} {role_assignments} given {along:role_assignments component,itemid,userid} ON given.component = CONCAT('enrol_', e.enrol) AND given.itemid = e.id
  LEFT JOIN (SELECT id, enrolid, userid FROM {user_enrolments} {along:user_enrolments enrolid,userid} {fence}) ue
    ON ue.enrolid = e.id AND ue.userid = given.userid
  {join} {role_assignments} ra ON ra.id = given.id
 WHERE e.enrol <> 'database' AND ue.id IS NULL;
