-- name: scope_enrolments
-- One row per instance: how many rows, how many active ones without times and who, how many suspended and who. What is
-- missing in these counts is active with times. Sorted once below instead of once per aggregate.
SELECT enrolid, COUNT(*),
       COUNT(*) FILTER (WHERE status = 0 AND timestart = 0 AND timeend = 0),
       string_agg(userid::text, ',') FILTER (WHERE status = 0 AND timestart = 0 AND timeend = 0),
       COUNT(*) FILTER (WHERE status <> 0), string_agg(userid::text, ',') FILTER (WHERE status <> 0)
  FROM (SELECT enrolid, userid, status, timestart, timeend FROM {user_enrolments}
         WHERE enrolid {in:enrols} AND userid > %(above)s AND userid <= %(upto)s
         ORDER BY enrolid, userid) AS enrolled
 GROUP BY enrolid;

-- name: scope_roles
-- One row per instance: for each role that rules know, how many and who. Sorted once below instead of once per
-- aggregate. Roles that no rule knows only show as a difference between the counts.
SELECT itemid, COUNT(*), MIN(contextid), MAX(contextid)
{each}       , COUNT(*) FILTER (WHERE roleid = {number}), string_agg(userid::text, ',') FILTER (WHERE roleid = {number})
{/each}
  FROM (SELECT itemid, contextid, roleid, userid FROM {role_assignments}
         WHERE component = %(component)s AND itemid {in:enrols} AND userid > %(above)s AND userid <= %(upto)s
         ORDER BY itemid, userid) AS held
 GROUP BY itemid;

-- name: scope_groups
-- One row per group, method and instance behind the membership.
SELECT groupid, component, itemid, COUNT(*), string_agg(userid::text, ',' ORDER BY userid)
  FROM {groups_members}
 WHERE groupid {in:groups} AND userid > %(above)s AND userid <= %(upto)s
 GROUP BY groupid, component, itemid;

-- name: index_by_columns
-- The name of an index whose first columns are these, in this order. PostgreSQL takes no hints; the answer only
-- tells `doctor` whether the index is there.
SELECT i.relname
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
 WHERE x.indrelid = to_regclass(quote_ident(%(table)s))
   AND (SELECT string_agg(a.attname, ',' ORDER BY k.ord)
          FROM unnest(x.indkey::int[]) WITH ORDINALITY AS k(attnum, ord)
          JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum) || ',' LIKE %(columns)s || ',%%'
 ORDER BY i.relname;

-- name: scope_cohorts
-- One row per cohort: how many are in it and who. Sorted once below; the unique index on (cohortid, userid) holds all of it.
SELECT cohortid, COUNT(*), string_agg(userid::text, ',')
  FROM (SELECT cohortid, userid FROM {cohort_members}
         WHERE cohortid {in:cohorts} AND userid > %(above)s AND userid <= %(upto)s
         ORDER BY cohortid, userid) AS members
 GROUP BY cohortid;
