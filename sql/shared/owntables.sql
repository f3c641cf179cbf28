-- name: any_row
-- Whether a table holds anything.
SELECT 1 FROM {whole:table} LIMIT 1;

-- name: drop_table
DROP TABLE {whole:table};

-- name: adopted
-- When Moodle's plugin took the rows over: written by its db/install.php once all of them are counted.
SELECT value FROM {local_greffe_meta} WHERE name = 'adopted';
