-- What is asked each few minutes by monitoring: single rows by key, and counts by index.

-- name: last_night
-- The last run that brought the site in step with the feeds, whatever became of it.
SELECT id, kind, state, reason, digest, operator, host, version, undoes, changes, counts, verdicts, feeds, error,
       timestarted, timeended
  FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply') ORDER BY id DESC LIMIT 1;

-- name: last_good_night
SELECT id, kind, state, reason, digest, operator, host, version, undoes, changes, counts, verdicts, feeds, error,
       timestarted, timeended
  FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply') AND state = 'done' ORDER BY id DESC LIMIT 1;

-- name: last_ended_night
SELECT id, kind, state, reason, digest, operator, host, version, undoes, changes, counts, verdicts, feeds, error,
       timestarted, timeended
  FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply') AND timeended > 0 ORDER BY id DESC LIMIT 1;

-- name: last_reading_night
-- A plan file that is applied reads no feeds.
SELECT id, kind, state, reason, digest, operator, host, version, undoes, changes, counts, verdicts, feeds, error,
       timestarted, timeended
  FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply') AND feeds IS NOT NULL AND feeds <> '[]' ORDER BY id DESC LIMIT 1;

-- name: nights_since
-- Of a week: a handful of rows, found by the index on when they began.
SELECT id, kind, state, reason, digest, operator, host, version, undoes, changes, counts, verdicts, feeds, error,
       timestarted, timeended
  FROM {local_greffe_run} WHERE timestarted > %(since)s AND kind IN ('nightly', 'apply') ORDER BY id;

-- name: approval_of
SELECT operator, timeexpires FROM {local_greffe_approval} WHERE digest = %(digest)s AND timeexpires >= %(now)s
 ORDER BY id DESC LIMIT 1;

-- name: waiting_people
-- A person waits once, however many places wait for him.
SELECT feed, COUNT(DISTINCT person) FROM {local_greffe_waiting} GROUP BY feed ORDER BY feed;

-- name: backlog
-- What the plugin has not told Moodle of; what was taken back before that needs no telling.
SELECT COUNT(*), MIN(timecreated) FROM {local_greffe_change} WHERE relayed = 0 AND undone = 0;

-- name: relay_failures
SELECT COUNT(*) FROM {local_greffe_change} WHERE relayed > %(since)s AND outcome = 'failed';

-- name: latest_findings
-- Of each audit the latest row.
SELECT f.audit, f.severity, f.amount, COALESCE(f.error, ''), f.timecreated
  FROM {local_greffe_finding} f
  JOIN (SELECT audit, MAX(id) AS id FROM {local_greffe_finding} GROUP BY audit) latest ON latest.id = f.id
 ORDER BY f.audit;
