-- name: methods_switched_off
-- Methods with active people whose plugin is switched off for the site.
-- why: Their people keep access (Moodle tests only the rows), but nothing brings the methods in step any more, and Cohort
-- sync and Course meta link lose their roles at the next sync.
-- severity: warning
-- mend: Switch the plugin on under Site administration > Plugins > Enrolments, or suspend these people.
-- cost: reads the enrolments of such methods only
SELECT e.id AS enrolid, e.enrol, e.courseid, COUNT(*) AS people
  FROM {config} c
  {join} {enrol} e ON e.status = 0 AND CONCAT(',', c.value, ',') NOT LIKE CONCAT('%,', e.enrol, ',%')
  {join} {user_enrolments} ue ON ue.enrolid = e.id AND ue.status = 0
 WHERE c.name = 'enrol_plugins_enabled'
 GROUP BY e.id, e.enrol, e.courseid;
