-- name: group_members_without_group
-- Members of groups that are not there.
-- why: A group that gets this id again would inherit them.
-- severity: error
-- mend: Delete these rows by id.
-- cost: one walk through the index on groupid, then only what is found
SELECT m.groupid, m.userid, m.id
  FROM (SELECT DISTINCT groupid FROM {groups_members}) d
  LEFT JOIN {groups} g ON g.id = d.groupid
  {join} {groups_members} m ON m.groupid = d.groupid
 WHERE g.id IS NULL;
