-- name: scope_enrolments
-- One row per instance: how many rows, how many active ones without times and who, how many suspended and who. What is
-- missing in these counts is active with times. No ORDER BY and one group per instance: the forced index on (enrolid,
-- userid) gives the order, and nothing has to be sorted.
SELECT enrolid, COUNT(*),
       COUNT(CASE WHEN status = 0 AND timestart = 0 AND timeend = 0 THEN 1 END),
       GROUP_CONCAT(CASE WHEN status = 0 AND timestart = 0 AND timeend = 0 THEN userid END),
       COUNT(CASE WHEN status <> 0 THEN 1 END), GROUP_CONCAT(CASE WHEN status <> 0 THEN userid END)
  FROM {user_enrolments} {hint}
 WHERE enrolid {in:enrols} AND userid > %(above)s AND userid <= %(upto)s
 GROUP BY enrolid;

-- name: scope_roles
-- One row per instance: for each role that rules know, how many and who. No ORDER BY: the forced index gives the
-- order, and whoever compares verifies it. Roles that no rule knows only show as a difference between the counts.
SELECT itemid, COUNT(*), MIN(contextid), MAX(contextid)
{each}       , COUNT(CASE WHEN roleid = {number} THEN 1 END), GROUP_CONCAT(CASE WHEN roleid = {number} THEN userid END)
{/each}
  FROM {role_assignments} {hint}
 WHERE component = %(component)s AND itemid {in:enrols} AND userid > %(above)s AND userid <= %(upto)s
 GROUP BY itemid;

-- name: scope_groups
-- One row per group, method and instance behind the membership.
SELECT groupid, component, itemid, COUNT(*), GROUP_CONCAT(userid ORDER BY userid)
  FROM {groups_members}
 WHERE groupid {in:groups} AND userid > %(above)s AND userid <= %(upto)s
 GROUP BY groupid, component, itemid;

-- name: index_by_columns
-- The name of an index whose first columns are these, in this order: hints are looked up, never assumed.
SELECT index_name FROM information_schema.statistics
 WHERE table_schema = DATABASE() AND table_name = %(table)s
 GROUP BY index_name
HAVING CONCAT(GROUP_CONCAT(column_name ORDER BY seq_in_index), ',') LIKE CONCAT(%(columns)s, ',%%')
 ORDER BY MAX(seq_in_index), index_name;
