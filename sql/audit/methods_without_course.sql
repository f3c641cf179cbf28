-- name: methods_without_course
-- Enrolment methods of courses that are not there.
-- why: A deletion of the course stopped half-way; people may still hold rows through them.
-- severity: error
-- mend: Delete the enrolments and roles of these methods, then the methods, by id.
-- cost: one look at each method
SELECT e.id AS enrolid, e.enrol, e.courseid
  FROM {enrol} e
  LEFT JOIN {course} k ON k.id = e.courseid
 WHERE k.id IS NULL;
