-- name: owned_cohorts_gone
-- Cohorts that Greffe answers for and that are not there.
-- why: Somebody deleted them in Moodle, and with them their courses' people. The next night makes a new one if the feed
-- still names it.
-- severity: warning
-- mend: greffe release gives them up; else let the next night make them again.
-- cost: one look at each cohort of Greffe's
-- needs: Greffe's own tables
SELECT DISTINCT o.cohortid, o.idnumber
  FROM {local_greffe_cohort} o
  LEFT JOIN {cohort} h ON h.id = o.cohortid
 WHERE o.owned = 1 AND h.id IS NULL;
