-- name: methods_on_front_page
-- Enrolment methods of the front page.
-- why: Moodle refuses to enrol anybody there: everybody who is logged in belongs to it. Rows like these confuse reports.
-- severity: warning
-- mend: Delete the method by id, with what it enrolled.
-- cost: one look at each method
SELECT e.id AS enrolid, e.enrol, e.courseid
  FROM {enrol} e
  JOIN {course} k ON k.id = e.courseid
 WHERE k.category = 0;
