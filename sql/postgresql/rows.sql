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
