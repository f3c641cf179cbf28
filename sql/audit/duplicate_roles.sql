-- name: duplicate_roles
-- The same role given to the same person in the same place by the same method more than once.
-- why: Moodle's table has no key against it: two writers at once leave it. Taking the role away then takes one, and it
-- seems to stay.
-- severity: warning
-- mend: Keep the row with the lowest id, as Moodle does, and delete the others; the next night of Greffe does so where it
-- answers.
-- cost: one walk through the index on userid, contextid, roleid (its LIMIT keeps MariaDB from sorting it all first)
SELECT ra.contextid, ra.userid, ra.roleid, ra.component, ra.itemid, COUNT(*) AS times, MIN(ra.id) AS lowestid
  FROM (SELECT userid, contextid, roleid FROM {role_assignments} {along:role_assignments userid,contextid,roleid}
         GROUP BY userid, contextid, roleid HAVING COUNT(*) > 1
         ORDER BY userid, contextid, roleid LIMIT 1000000000000) d
  {join} {role_assignments} ra {along:role_assignments userid,contextid,roleid}
    ON ra.userid = d.userid AND ra.contextid = d.contextid AND ra.roleid = d.roleid
 GROUP BY ra.contextid, ra.userid, ra.roleid, ra.component, ra.itemid
HAVING COUNT(*) > 1;
