-- name: courses_nobody_can_enter
-- Visible courses without any method that is switched on.
-- why: Nobody can be in them but by a role of the category or the site.
-- severity: warning
-- mend: Switch a method on or add one, or hide the course.
-- cost: one look at each course and its methods
SELECT k.id AS courseid, k.shortname
  FROM {config} c
  {join} {course} k ON k.category <> 0 AND k.visible = 1
  LEFT JOIN {enrol} e ON e.courseid = k.id AND e.status = 0 AND CONCAT(',', c.value, ',') LIKE CONCAT('%,', e.enrol, ',%')
 WHERE c.name = 'enrol_plugins_enabled' AND e.id IS NULL;
