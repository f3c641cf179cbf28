-- name: courses_without_context
-- Courses without a context.
-- why: Roles cannot be given in them; Moodle makes the context when somebody opens the course, Greffe passes such a course
-- over.
-- severity: error
-- mend: Run Moodle's admin/cli/scheduled_task.php --execute="\core\task\context_cleanup_task", or open the course.
-- cost: one look at each course
SELECT k.id AS courseid, k.shortname
  FROM {course} k
  LEFT JOIN {context} x ON x.contextlevel = 50 AND x.instanceid = k.id
 WHERE x.id IS NULL;
