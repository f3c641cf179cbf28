-- name: ambiguous_emails
-- Living accounts that share an address, as the database compares text.
-- why: A site may allow it; but a feed that knows people by their address cannot tell them apart.
-- severity: info
-- mend: Correct the address, or merge the accounts; or know people by another field.
-- cost: one look at each account
SELECT MIN(u.id) AS lowestid, MAX(u.id) AS highestid, COUNT(*) AS accounts
  FROM {user} u
 WHERE u.deleted = 0 AND u.email <> ''
 GROUP BY u.email
HAVING COUNT(*) > 1;
