-- name: table_columns
-- The columns of these tables in their order: they differ between versions of Moodle, and a row's image holds them all.
SELECT t.name, a.attname
  FROM unnest(%(tables)s::text[]) AS t(name)
  JOIN pg_attribute a ON a.attrelid = to_regclass(quote_ident(t.name)) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY t.name, a.attnum;

-- name: hold_rows
-- Rows of one table by id, whole, held until the end of the transaction.
SELECT {columns} FROM {table} WHERE id {in:ids} FOR UPDATE;

-- name: put_back
-- Rows of one table come back with their own ids and all their columns, from their images in the journal (JSON).
INSERT INTO {table} ({columns})
SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %(images)s::jsonb);

-- name: rows_of_people
-- Of these (place, person): the rows that stand there; the column of the place is the one that is named.
SELECT found.id
  FROM unnest(%(place)s::bigint[], %(user)s::bigint[]) AS wanted(place, person)
 CROSS JOIN LATERAL (
       SELECT t.id FROM {table} t WHERE t.userid = wanted.person AND t.{columns} = wanted.place OFFSET 0) AS found;

-- name: reset_enrolments
-- Undo of updates: rows as they were, from their images (JSON).
UPDATE {user_enrolments} AS ue
   SET status = r.status, timestart = r.timestart, timeend = r.timeend, modifierid = r.modifierid, timemodified = r.timemodified
  FROM jsonb_to_recordset(%(images)s::jsonb) AS r(id bigint, status bigint, timestart bigint, timeend bigint, modifierid bigint, timemodified bigint)
 WHERE ue.id = r.id;

-- name: write_cohorts
-- cohort_update_cohort of many: what rules decide and the moment, from their images (JSON).
UPDATE {cohort} AS c
   SET contextid = r.contextid, name = r.name, idnumber = r.idnumber, description = r.description, visible = r.visible,
       component = r.component, timemodified = r.timemodified
  FROM jsonb_to_recordset(%(images)s::jsonb)
    AS r(id bigint, contextid bigint, name text, idnumber text, description text, visible smallint, component text, timemodified bigint)
 WHERE c.id = r.id;

-- name: write_methods
-- update_instance of many: what rules decide and the moment, from their images (JSON).
UPDATE {enrol} AS e
   SET status = r.status, roleid = r.roleid, customint1 = r.customint1, customint2 = r.customint2,
       enrolperiod = r.enrolperiod, timemodified = r.timemodified
  FROM jsonb_to_recordset(%(images)s::jsonb)
    AS r(id bigint, status bigint, roleid bigint, customint1 bigint, customint2 bigint, enrolperiod bigint, timemodified bigint)
 WHERE e.id = r.id;
