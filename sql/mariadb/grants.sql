-- name: grant_on_database
-- The name of the database is a pattern here: what would stand for other letters is escaped.
GRANT {rights} ON {whole:database}.* TO {whole:user}@{whole:host};

-- name: grant_on_table
-- A right to create makes it possible to name a table that is not there yet.
GRANT {rights} ON {whole:database}.{table} TO {whole:user}@{whole:host};
