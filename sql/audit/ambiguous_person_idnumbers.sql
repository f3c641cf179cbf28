-- name: ambiguous_person_idnumbers
-- Living accounts that share an idnumber, as the database compares text.
-- why: Feeds, uploads and Moodle's own External database know people by it: they take an arbitrary one, Greffe refuses the
-- line.
-- severity: error
-- mend: Merge the accounts, or empty the idnumber of the one that is not used.
-- cost: one look at each account
SELECT MIN(u.id) AS lowestid, MAX(u.id) AS highestid, COUNT(*) AS accounts
  FROM {user} u
 WHERE u.deleted = 0 AND u.idnumber <> ''
 GROUP BY u.idnumber
HAVING COUNT(*) > 1;
