-- name: grant_on_database
GRANT {rights} ON DATABASE {whole:database} TO {whole:user};

-- name: grant_on_schema
GRANT {rights} ON SCHEMA {whole:schema} TO {whole:user};

-- name: grant_on_table
GRANT {rights} ON {whole:schema}.{table} TO {whole:user};

-- name: grant_on_sequence
-- New ids come from sequences, which are granted on their own.
GRANT {rights} ON SEQUENCE {whole:schema}.{whole:sequence} TO {whole:user};
