-- name: methods_of_missing_plugins
-- Enrolment methods whose plugin is not installed.
-- why: Moodle passes over them in silence: nobody can manage them, but who is in them keeps access to the course.
-- severity: warning
-- mend: Install the plugin again, or move the people to another method and delete these.
-- cost: one look at each method
SELECT e.id AS enrolid, e.enrol, e.courseid
  FROM {enrol} e
  LEFT JOIN {config_plugins} p ON p.plugin = CONCAT('enrol_', e.enrol) AND p.name = 'version'
 WHERE p.id IS NULL;
