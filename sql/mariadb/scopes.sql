-- name: scope_enrolments
-- One row per instance: how many rows, how many active ones without times and who, how many suspended and who. What is
-- missing in these counts is active with times. One group per instance: the forced index on (enrolid, userid) gives the
-- order, and nothing has to be sorted. Where the instances hold much of the table, a walk through all of it and a sort
-- take a third of the time that as many look-ups by index take.
SELECT enrolid, COUNT(*),
       COUNT(CASE WHEN status = 0 AND timestart = 0 AND timeend = 0 THEN 1 END),
       GROUP_CONCAT(CASE WHEN status = 0 AND timestart = 0 AND timeend = 0 THEN userid END {order}),
       COUNT(CASE WHEN status <> 0 THEN 1 END), GROUP_CONCAT(CASE WHEN status <> 0 THEN userid END {order})
  FROM {user_enrolments} {hint}
 WHERE enrolid {in:enrols} AND userid > %(above)s AND userid <= %(upto)s
 GROUP BY enrolid;

-- name: scope_roles
-- One row per instance: for each role that rules know, how many and who; by index or by a walk, as above. Roles that
-- no rule knows only show as a difference between the counts.
SELECT itemid, COUNT(*), MIN(contextid), MAX(contextid)
{each}       , COUNT(CASE WHEN roleid = {number} THEN 1 END), GROUP_CONCAT(CASE WHEN roleid = {number} THEN userid END {order})
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

-- name: enrolments_of_instances
-- How many rows the instances hold; the index alone answers.
SELECT COUNT(*) FROM {user_enrolments} {hint} WHERE enrolid {in:enrols};

-- name: table_rows
-- About how many rows a table holds, as its statistics say.
SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = %(table)s;

-- name: scope_cohorts
-- One row per cohort: how many are in it and who. The unique index on (cohortid, userid) holds all of it, in order.
SELECT cohortid, COUNT(*), GROUP_CONCAT(userid {order})
  FROM {cohort_members} {hint}
 WHERE cohortid {in:cohorts} AND userid > %(above)s AND userid <= %(upto)s
 GROUP BY cohortid;
