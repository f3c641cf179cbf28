-- name: tables_there
-- Which of these tables are there, and whose: from the catalogue itself, since information_schema does not show what this
-- role may do nothing with.
SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class c
 WHERE c.relkind = 'r' AND c.relname {in:tables} AND pg_table_is_visible(c.oid);

-- name: rename_table
-- Only the owner may.
ALTER TABLE {whole:was} RENAME TO {whole:becomes};

-- name: sequence_of
-- The sequence that belongs to a table keeps its name when the table is renamed…
SELECT s.relname FROM pg_class t JOIN pg_depend d ON d.refobjid = t.oid AND d.deptype = 'a' AND d.classid = 'pg_class'::regclass
  JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
 WHERE t.relname = %(table)s AND pg_table_is_visible(t.oid);

-- name: rename_sequence
-- …and would be in the way: Moodle counts on the name that a new table's sequence gets.
ALTER SEQUENCE {whole:was} RENAME TO {whole:becomes};

-- name: let_read
-- Moodle's own role takes the rows over.
GRANT SELECT ON {whole:table} TO {whole:role};

-- name: current_role
SELECT current_user;

-- name: next_number
-- Of a table's own sequence: rows that came with their ids have not moved it.
SELECT nextval(pg_get_serial_sequence('{table}', 'id'));

-- name: skip_numbers
-- By taking them, since USAGE is all that an account needs for that; setval would want more.
SELECT MAX(n) FROM (SELECT nextval(pg_get_serial_sequence('{table}', 'id')) AS n FROM generate_series(1, %(amount)s)) AS taken;
