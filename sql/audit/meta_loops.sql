-- name: meta_loops
-- Courses that follow themselves, over however many others.
-- why: Moodle does not chain meta links, so nobody is enrolled for ever; but what anybody meant by it cannot come true.
-- severity: error
-- mend: Delete one of the links of the circle.
-- cost: follows links between courses that are both a parent and a child
WITH RECURSIVE link (child, parent) AS (
  SELECT DISTINCT e.courseid, e.customint1
    FROM {enrol} e
    JOIN {enrol} up ON up.enrol = 'meta' AND up.courseid = e.customint1
    JOIN {enrol} down ON down.enrol = 'meta' AND down.customint1 = e.courseid
   WHERE e.enrol = 'meta'),
reach (child, parent) AS (
  SELECT child, parent FROM link
   UNION
  SELECT r.child, l.parent FROM reach r JOIN link l ON l.child = r.parent)
SELECT r.child AS courseid, k.shortname
  FROM reach r
  LEFT JOIN {course} k ON k.id = r.child
 WHERE r.child = r.parent;
