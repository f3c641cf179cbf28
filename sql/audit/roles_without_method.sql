-- name: roles_without_method
-- Roles given by an enrolment method that is not there.
-- why: The people keep what the role allows although nothing answers for it, and nothing will ever take it away.
-- severity: error
-- mend: Delete these rows by id; then purge Moodle's caches or let the people log in again.
-- cost: one walk through the index on component and itemid, then only what is found
SELECT ra.component, ra.itemid, ra.contextid, ra.userid, ra.roleid, ra.id
  FROM (SELECT DISTINCT component, itemid FROM {role_assignments} WHERE component LIKE 'enrol\_%') d
  LEFT JOIN {enrol} e ON e.id = d.itemid AND CONCAT('enrol_', e.enrol) = d.component
  {join} {role_assignments} ra {along:role_assignments component,itemid,userid} ON ra.component = d.component AND ra.itemid = d.itemid
 WHERE e.id IS NULL;
