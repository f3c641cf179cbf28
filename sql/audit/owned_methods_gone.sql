-- name: owned_methods_gone
-- Method instances that Greffe answers for and that are not there.
-- why: Somebody deleted them in Moodle, and with them their people. The next night makes them again if a rule still asks
-- for them.
-- severity: warning
-- mend: greffe release gives them up; else let the next night make them again.
-- cost: one look at each method of Greffe's
-- needs: Greffe's own tables
SELECT o.enrolid, o.feed
  FROM {local_greffe_method} o
  LEFT JOIN {enrol} e ON e.id = o.enrolid
 WHERE o.owned = 1 AND e.id IS NULL;
