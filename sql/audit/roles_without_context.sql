-- name: roles_without_context
-- Roles in a place (course, category, activity) that is not there.
-- why: They give nothing to anybody, but a context that gets this id again would inherit them.
-- severity: error
-- mend: Delete the rows by id.
-- cost: one walk through the index on contextid, then only what is found
SELECT ra.contextid, ra.userid, ra.roleid, ra.id
  FROM (SELECT DISTINCT contextid FROM {role_assignments}) d
  LEFT JOIN {context} x ON x.id = d.contextid
  {join} {role_assignments} ra ON ra.contextid = d.contextid
 WHERE x.id IS NULL;
