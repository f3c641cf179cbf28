-- name: runs_without_end
-- Runs of Greffe that began more than a day ago and never ended.
-- why: The process was killed and none has run since, or one hangs.
-- severity: warning
-- mend: See whether the process still runs; the next run marks a killed one.
-- cost: one look at the runs
-- needs: Greffe's own tables
SELECT r.id AS runid, r.kind, r.timestarted
  FROM {local_greffe_run} r
 WHERE r.state = 'running' AND r.timestarted < {clock} - 86400;
