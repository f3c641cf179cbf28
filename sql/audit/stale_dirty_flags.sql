-- name: stale_dirty_flags
-- Flags that tell sessions of changed rights, expired for more than a day.
-- why: Moodle deletes them each hour: where they stay its cron does not run, and neither do syncs, messages and relays.
-- severity: warning
-- mend: See that Moodle's cron runs and its task cache_cleanup_task is enabled.
-- cost: one walk through the flags
SELECT f.flagtype, COUNT(*) AS flags, MIN(f.expiry) AS oldest
  FROM {cache_flags} f
 WHERE f.flagtype IN ('accesslib/dirtyusers', 'accesslib/dirtycontexts') AND f.expiry < {clock} - 86400
 GROUP BY f.flagtype;
