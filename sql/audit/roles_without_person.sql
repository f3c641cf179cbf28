-- name: roles_without_person
-- Roles of accounts that are deleted or not there.
-- why: Moodle takes all roles away when it deletes an account: something else deleted these.
-- severity: error
-- mend: Delete the rows by id.
-- cost: one walk through the index on userid, then only what is found
SELECT ra.contextid, ra.userid, ra.roleid, ra.id
  FROM (SELECT DISTINCT userid FROM {role_assignments}) d
  LEFT JOIN {user} u ON u.id = d.userid AND u.deleted = 0
  {join} {role_assignments} ra ON ra.userid = d.userid
 WHERE u.id IS NULL;
