-- name: meta_methods_without_course
-- Course meta links to a parent course that is not there.
-- why: The next sync takes everybody out of them whom they enrolled.
-- severity: error
-- mend: Delete the method, or restore the parent course.
-- cost: one look at each method
SELECT e.id AS enrolid, e.courseid, e.customint1 AS parentid
  FROM {enrol} e
  LEFT JOIN {course} k ON k.id = e.customint1
 WHERE e.enrol = 'meta' AND k.id IS NULL;
