-- name: missing_indexes
-- Tables without an index that Moodle has and that Greffe counts on.
-- why: Nights, audits and Moodle's own pages take minutes instead of moments.
-- severity: warning
-- mend: Moodle's admin/cli/check_database_schema.php lists what is missing; make the index as lib/db/install.xml has it.
-- cost: asks the catalogue only
SELECT w.tablename, w.columnlist
  FROM (SELECT '{user_enrolments}' AS tablename, 'enrolid,userid' AS columnlist
        UNION ALL SELECT '{user_enrolments}', 'userid'
        UNION ALL SELECT '{role_assignments}', 'component,itemid,userid'
        UNION ALL SELECT '{role_assignments}', 'userid,contextid,roleid'
        UNION ALL SELECT '{role_assignments}', 'contextid'
        UNION ALL SELECT '{cohort_members}', 'cohortid,userid'
        UNION ALL SELECT '{groups_members}', 'userid,groupid'
        UNION ALL SELECT '{groups_members}', 'groupid'
        UNION ALL SELECT '{enrol}', 'courseid'
        UNION ALL SELECT '{context}', 'contextlevel,instanceid'
        UNION ALL SELECT '{user}', 'idnumber'
        UNION ALL SELECT '{user}', 'mnethostid,username') w
  LEFT JOIN (SELECT table_name AS tablename, GROUP_CONCAT(column_name ORDER BY seq_in_index) AS columnlist
               FROM information_schema.statistics WHERE table_schema = DATABASE() GROUP BY table_name, index_name) i
    ON CONCAT('`', i.tablename, '`') = w.tablename AND CONCAT(i.columnlist, ',') LIKE CONCAT(w.columnlist, ',%')
 WHERE i.tablename IS NULL;
