-- name: places_without_method
-- Courses that Greffe answers for and that have no method External database any more.
-- why: Somebody deleted the method, and with it everybody whom the feed put there. The next night makes it again.
-- severity: warning
-- mend: Ask who did it. Where it was meant, take the code out of the feed or the rule.
-- cost: one look at each place
-- needs: Greffe's own tables
SELECT DISTINCT s.courseid, k.shortname, s.feed
  FROM {local_greffe_scope} s
  {join} {course} k ON k.id = s.courseid
  LEFT JOIN {enrol} e ON e.courseid = s.courseid AND e.enrol = 'database'
 WHERE e.id IS NULL;
