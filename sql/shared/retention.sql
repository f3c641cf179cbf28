-- What `greffe prune` looks for and takes out. Deletions go by primary key, or by the journal's index on (runid, id), in slices.

-- name: runs_to_prune
-- Runs that ended before a moment, and of which more than their figures is kept.
SELECT id, timestarted FROM {local_greffe_run}
 WHERE timestarted < %(before)s AND timeended < %(before)s AND state <> 'running' AND reason <> 'pruned' ORDER BY id;

-- name: nights_in_use
-- The nights that monitoring, the health page and the audits look back to, whatever their age (health.sql, last_night_reverted).
SELECT MAX(id) FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply')
 UNION
SELECT MAX(id) FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply') AND state = 'done'
 UNION
SELECT MAX(id) FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply') AND timeended > 0
 UNION
SELECT MAX(id) FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply') AND feeds IS NOT NULL AND feeds <> '[]'
 UNION
SELECT MAX(id) FROM {local_greffe_run} WHERE kind IN ('nightly', 'apply') AND state IN ('done', 'partial');

-- name: runs_untold
-- Runs of which the plugin has still to tell Moodle, each with the run that it takes back: the relay reads both.
SELECT DISTINCT c.runid, r.undoes
  FROM {local_greffe_change} c JOIN {local_greffe_run} r ON r.id = c.runid
 WHERE c.relayed = 0;

-- name: runs_half_pruned
-- Runs that are marked and have a journal still: one look by index for each, never a walk through the journal.
SELECT r.id FROM {local_greffe_run} r
 WHERE r.reason = 'pruned' AND (SELECT c.id FROM {local_greffe_change} c WHERE c.runid = r.id ORDER BY c.id LIMIT 1) IS NOT NULL
 ORDER BY r.id;

-- name: count_journal
SELECT COUNT(*) FROM {local_greffe_change} WHERE runid {in:runs};

-- name: mark_pruned
-- Before the first row of the journal goes: from here on nobody takes half of the run back. Its figures stay, who and what it
-- was about does not.
UPDATE {local_greffe_run} SET reason = 'pruned', operator = '', host = '', error = NULL, verdicts = NULL, feeds = NULL
 WHERE id {in:runs};

-- name: end_of_slice
SELECT MAX(s.id) FROM (SELECT id FROM {local_greffe_change} WHERE runid = %(run)s ORDER BY id LIMIT %(limit)s) s;

-- name: prune_changes
DELETE FROM {local_greffe_change} WHERE runid = %(run)s AND id <= %(upto)s;

-- name: old_feeds
-- But the last good night of each feed, which the next one is compared with.
SELECT id FROM {local_greffe_feed}
 WHERE timecreated < %(before)s AND id NOT IN (SELECT MAX(id) FROM {local_greffe_feed} WHERE good = 1 GROUP BY feed) ORDER BY id;

-- name: old_approvals
SELECT id FROM {local_greffe_approval} WHERE timecreated < %(before)s AND timeexpires < %(before)s ORDER BY id;

-- name: old_waiting
-- A list is not written again as long as it is the same: what counts is when a good night last read its feed.
SELECT w.id
  FROM {local_greffe_waiting} w
  LEFT JOIN (SELECT feed, MAX(timecreated) AS seen FROM {local_greffe_feed} WHERE good = 1 GROUP BY feed) f ON f.feed = w.feed
 WHERE w.timecreated < %(before)s AND COALESCE(f.seen, 0) < %(before)s ORDER BY w.id;

-- name: old_findings
-- But the latest of each audit, which the health page shows.
SELECT id FROM {local_greffe_finding}
 WHERE timecreated < %(before)s AND id NOT IN (SELECT MAX(id) FROM {local_greffe_finding} GROUP BY audit) ORDER BY id;

-- name: old_messages
-- But those that are on their way.
SELECT id FROM {local_greffe_message}
 WHERE timecreated < %(before)s AND state NOT IN ('queued', 'sending') ORDER BY id;
