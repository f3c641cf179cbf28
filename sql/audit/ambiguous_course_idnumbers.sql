-- name: ambiguous_course_idnumbers
-- Courses that share an idnumber, as the database compares text.
-- why: Feeds and uploads find a course by it: Moodle takes an arbitrary one, Greffe refuses the code.
-- severity: error
-- mend: Give each course its own idnumber; a copied or restored course keeps that of the original.
-- cost: one look at each course
SELECT MIN(k.id) AS lowestid, MAX(k.id) AS highestid, MIN(k.idnumber) AS idnumber, COUNT(*) AS courses
  FROM {course} k
 WHERE k.idnumber <> ''
 GROUP BY k.idnumber
HAVING COUNT(*) > 1;
