-- name: site_name
-- The front page is the course that stands in no category.
SELECT fullname FROM {course} WHERE category = 0 ORDER BY id;
