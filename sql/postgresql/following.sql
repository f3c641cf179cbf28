-- name: cohort_members_of
-- One row per cohort: how many members, and who.
SELECT cohortid, COUNT(*), string_agg(userid::text, ',')
  FROM (SELECT cohortid, userid FROM {cohort_members}
         WHERE cohortid {in:cohorts} AND userid > %(above)s AND userid <= %(upto)s
         ORDER BY cohortid, userid) AS member
 GROUP BY cohortid;

-- name: roles_in_contexts
-- One row per context, giver and role: who holds it there.
SELECT contextid, component, itemid, roleid, COUNT(*), string_agg(userid::text, ',' ORDER BY userid)
  FROM {role_assignments}
 WHERE contextid {in:contexts} AND userid > %(above)s AND userid <= %(upto)s
 GROUP BY contextid, component, itemid, roleid;

-- name: memberships_of_method
-- One row per group and instance: who was put into a group of these courses by the method.
SELECT m.itemid, m.groupid, COUNT(*), string_agg(m.userid::text, ',' ORDER BY m.userid)
  FROM {groups} g JOIN {groups_members} m ON m.groupid = g.id AND m.component = %(component)s
 WHERE g.courseid {in:courses} AND m.userid > %(above)s AND m.userid <= %(upto)s
 GROUP BY m.itemid, m.groupid;

-- name: members_of_groups
-- One row per group: everybody in it, whoever put him there.
SELECT groupid, COUNT(*), string_agg(userid::text, ',' ORDER BY userid)
  FROM {groups_members}
 WHERE groupid {in:groups} AND userid > %(above)s AND userid <= %(upto)s
 GROUP BY groupid;
