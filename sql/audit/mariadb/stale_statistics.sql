-- name: stale_statistics
-- Tables of which the server believes that they have less than half, or more than twice, as many rows as they have.
-- why: It then chooses the wrong index, and what takes moments takes minutes.
-- severity: info
-- mend: ANALYZE TABLE, in a quiet hour; see that innodb_stats_auto_recalc is on.
-- cost: counts four tables along their shortest index
SELECT t.tablename, s.cardinality AS believed, t.counted
  FROM (SELECT '{user_enrolments}' AS tablename, COUNT(*) AS counted FROM {user_enrolments}
        UNION ALL SELECT '{role_assignments}', COUNT(*) FROM {role_assignments}
        UNION ALL SELECT '{cohort_members}', COUNT(*) FROM {cohort_members}
        UNION ALL SELECT '{groups_members}', COUNT(*) FROM {groups_members}) t
  JOIN information_schema.statistics s ON s.table_schema = DATABASE() AND s.index_name = 'PRIMARY' AND CONCAT('`', s.table_name, '`') = t.tablename
 WHERE GREATEST(COALESCE(s.cardinality, 0), t.counted) > 10000
   AND GREATEST(COALESCE(s.cardinality, 0), t.counted) > 2 * LEAST(COALESCE(s.cardinality, 0), t.counted);
