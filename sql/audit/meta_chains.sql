-- name: meta_chains
-- Course meta links whose parent course itself follows another course.
-- why: Moodle does not chain links: the people whom the parent has by its own link are not followed here.
-- severity: info
-- mend: Link this course to that other course as well.
-- cost: one look at each method
SELECT e.id AS enrolid, e.courseid, e.customint1 AS parentid, p.customint1 AS grandparentid
  FROM {enrol} e
  JOIN {enrol} p ON p.courseid = e.customint1 AND p.enrol = 'meta'
 WHERE e.enrol = 'meta' AND p.customint1 <> e.courseid;
