-- name: duplicate_flags
-- Flags that are there more than once.
-- why: Harmless: Moodle reads one of them. Many of them tell of writers that race each other.
-- severity: info
-- mend: Nothing: they expire.
-- cost: one walk through the flags
SELECT f.flagtype, f.name, COUNT(*) AS times
  FROM {cache_flags} f
 GROUP BY f.flagtype, f.name
HAVING COUNT(*) > 1;
