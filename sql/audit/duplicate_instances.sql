-- name: duplicate_instances
-- Courses with several instances of a method of which there should be one (manual, database).
-- why: Moodle then uses an arbitrary one of them, Greffe the one with the lowest id; people in the others are nobody's.
-- severity: warning
-- mend: Move the people to the method with the lowest id (Moodle 5.1 does so for database when it is upgraded), and delete
-- the others.
-- cost: one look at each method
SELECT e.courseid, e.enrol, COUNT(*) AS methods, MIN(e.id) AS lowestid, MAX(e.id) AS highestid
  FROM {enrol} e
 WHERE e.enrol IN ('manual', 'database')
 GROUP BY e.courseid, e.enrol
HAVING COUNT(*) > 1;
