-- name: ambiguous_course_shortnames
-- Courses that share a short name, as the database compares text.
-- why: Moodle refuses it in its forms; uploads and rules that find a course by it take an arbitrary one.
-- severity: error
-- mend: Give each course its own short name.
-- cost: one look at each course
SELECT MIN(k.id) AS lowestid, MAX(k.id) AS highestid, MIN(k.shortname) AS shortname, COUNT(*) AS courses
  FROM {course} k
 GROUP BY k.shortname
HAVING COUNT(*) > 1;
