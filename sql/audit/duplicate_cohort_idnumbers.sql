-- name: duplicate_cohort_idnumbers
-- Cohorts that share an idnumber, as the database compares text.
-- why: Uploads, web services and rules find a cohort by its idnumber: which of these they mean is chance.
-- severity: error
-- mend: Give each its own idnumber, or move the members into one and delete the other.
-- cost: one look at each cohort
SELECT MIN(h.id) AS lowestid, MAX(h.id) AS highestid, MIN(h.idnumber) AS idnumber, COUNT(*) AS cohorts
  FROM {cohort} h
 WHERE h.idnumber <> ''
 GROUP BY h.idnumber
HAVING COUNT(*) > 1;
