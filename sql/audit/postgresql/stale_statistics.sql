-- name: stale_statistics
-- Tables half of which has changed since their statistics were taken.
-- why: The server then chooses the wrong index, and what takes moments takes minutes.
-- severity: info
-- mend: ANALYZE, in a quiet hour; see that autovacuum is on and keeps up.
-- cost: asks the server's own counters only (of this server: on a replica they say nothing)
SELECT s.relname AS tablename, s.n_live_tup AS living, s.n_mod_since_analyze AS changed
  FROM pg_stat_all_tables s
 WHERE s.relid IN (to_regclass('{user_enrolments}'), to_regclass('{role_assignments}'), to_regclass('{cohort_members}'), to_regclass('{groups_members}'))
   AND s.n_mod_since_analyze > 10000 AND 2 * s.n_mod_since_analyze > s.n_live_tup;
