-- name: missing_indexes
-- Tables without an index that Moodle has and that Greffe counts on.
-- why: Nights, audits and Moodle's own pages take minutes instead of moments.
-- severity: warning
-- mend: Moodle's admin/cli/check_database_schema.php lists what is missing; make the index as lib/db/install.xml has it.
-- cost: asks the catalogue only
SELECT w.tablename, w.columnlist
  FROM (VALUES ('{user_enrolments}', 'enrolid,userid'),
               ('{user_enrolments}', 'userid'),
               ('{role_assignments}', 'component,itemid,userid'),
               ('{role_assignments}', 'userid,contextid,roleid'),
               ('{role_assignments}', 'contextid'),
               ('{cohort_members}', 'cohortid,userid'),
               ('{groups_members}', 'userid,groupid'),
               ('{groups_members}', 'groupid'),
               ('{enrol}', 'courseid'),
               ('{context}', 'contextlevel,instanceid'),
               ('{user}', 'idnumber'),
               ('{user}', 'mnethostid,username')) w (tablename, columnlist)
 WHERE NOT EXISTS (SELECT 1 FROM pg_index i
                    WHERE i.indrelid = to_regclass(w.tablename) AND i.indisvalid AND i.indpred IS NULL
                      AND (SELECT string_agg(a.attname, ',' ORDER BY k.position)
                             FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k (number, position)
                             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number) || ',' LIKE w.columnlist || ',%');
