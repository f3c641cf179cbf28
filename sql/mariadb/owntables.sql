-- name: tables_there
-- Which of these tables are there. A table that this account may do nothing with is not shown.
SELECT table_name, '' FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name {in:tables};

-- name: rename_table
-- One at a time: the order says at any moment which tables are in service, whatever ends it in between.
RENAME TABLE {whole:was} TO {whole:becomes};
