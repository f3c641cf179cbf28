-- name: table_columns
-- The columns of these tables in their order: they differ between versions of Moodle, and a row's image holds them all.
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = DATABASE() AND table_name {in:tables} ORDER BY table_name, ordinal_position;

-- name: hold_rows
-- Rows of one table by id, whole, held until the end of the transaction. The primary key is forced: a long list of ids
-- beside a small table would be taken for a reason to lock all of it.
SELECT {columns} FROM {table} FORCE INDEX (PRIMARY) WHERE id {in:ids} FOR UPDATE;

-- name: put_back
-- Rows of one table come back with their own ids and all their columns, from their images in the journal (JSON).
INSERT INTO {table} ({columns})
SELECT {columns} FROM JSON_TABLE(%(images)s, '$[*]' COLUMNS ({column}{name} LONGTEXT PATH '$.{name}'{/column})) AS r;

-- name: rows_of_people
-- Of these (place, person): the rows that stand there; the column of the place is the one that is named.
WITH wanted (place, person) AS (VALUES {rows}(%(place)s, %(user)s){/rows})
SELECT t.id FROM wanted STRAIGHT_JOIN {table} t ON t.userid = wanted.person AND t.{columns} = wanted.place;

-- name: reset_enrolments
-- Undo of updates: rows as they were, from their images (JSON). The images lead the join.
UPDATE JSON_TABLE(%(images)s, '$[*]' COLUMNS (id BIGINT PATH '$.id', status BIGINT PATH '$.status', timestart BIGINT PATH '$.timestart',
              timeend BIGINT PATH '$.timeend', modifierid BIGINT PATH '$.modifierid', timemodified BIGINT PATH '$.timemodified')) AS r
       STRAIGHT_JOIN {user_enrolments} ue ON ue.id = r.id
   SET ue.status = r.status, ue.timestart = r.timestart, ue.timeend = r.timeend, ue.modifierid = r.modifierid, ue.timemodified = r.timemodified;

-- name: write_cohorts
-- cohort_update_cohort of many: what rules decide and the moment, from their images (JSON). The images lead the join.
UPDATE JSON_TABLE(%(images)s, '$[*]' COLUMNS (id BIGINT PATH '$.id', contextid BIGINT PATH '$.contextid', name LONGTEXT PATH '$.name',
              idnumber LONGTEXT PATH '$.idnumber', description LONGTEXT PATH '$.description', visible BIGINT PATH '$.visible',
              component LONGTEXT PATH '$.component', timemodified BIGINT PATH '$.timemodified')) AS r
       STRAIGHT_JOIN {cohort} c ON c.id = r.id
   SET c.contextid = r.contextid, c.name = r.name, c.idnumber = r.idnumber, c.description = r.description, c.visible = r.visible,
       c.component = r.component, c.timemodified = r.timemodified;

-- name: write_methods
-- update_instance of many: what rules decide and the moment, from their images (JSON). The images lead the join.
UPDATE JSON_TABLE(%(images)s, '$[*]' COLUMNS (id BIGINT PATH '$.id', status BIGINT PATH '$.status', roleid BIGINT PATH '$.roleid',
              customint1 BIGINT PATH '$.customint1', customint2 BIGINT PATH '$.customint2', enrolperiod BIGINT PATH '$.enrolperiod',
              timemodified BIGINT PATH '$.timemodified')) AS r
       STRAIGHT_JOIN {enrol} e ON e.id = r.id
   SET e.status = r.status, e.roleid = r.roleid, e.customint1 = r.customint1, e.customint2 = r.customint2,
       e.enrolperiod = r.enrolperiod, e.timemodified = r.timemodified;
