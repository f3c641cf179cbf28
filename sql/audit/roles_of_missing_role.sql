-- name: roles_of_missing_role
-- Assignments of a role that the site no longer has.
-- why: Nobody can see or take them away from a page.
-- severity: error
-- mend: Delete the rows by id.
-- cost: one walk through the index on roleid, then only what is found
SELECT ra.roleid, ra.contextid, ra.userid, ra.id
  FROM (SELECT DISTINCT roleid FROM {role_assignments}) d
  LEFT JOIN {role} r ON r.id = d.roleid
  {join} {role_assignments} ra ON ra.roleid = d.roleid
 WHERE r.id IS NULL;
