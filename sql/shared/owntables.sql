-- name: any_row
-- Whether a table holds anything.
SELECT 1 FROM {whole:table} LIMIT 1;

-- name: drop_table
DROP TABLE {whole:table};

-- name: adopted
-- When Moodle's plugin took the rows over: written by its db/install.php once all of them are counted.
SELECT value FROM {local_greffe_meta} WHERE name = 'adopted';

-- name: may_use_own_add
-- From here on: what Greffe does with its own tables, tried on no rows; they can be Moodle's by owner.
INSERT INTO {table} (id) SELECT id FROM {table} WHERE 1 = 0;

-- name: may_use_own_change
UPDATE {table} SET id = id WHERE 1 = 0;

-- name: may_use_own_delete
DELETE FROM {table} WHERE 1 = 0;
