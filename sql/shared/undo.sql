-- name: living_people
SELECT id FROM {user} WHERE id {in:ids} AND deleted = 0;

-- name: rows_there
-- Which of these are still there: courses, methods, groups, whatever a row belongs to.
SELECT id FROM {table} WHERE id {in:ids};

-- name: history_of_grades
-- What stays in the grade history of grades that an unenrolment deleted (grade_object::delete).
SELECT oldid, COUNT(*) FROM {grade_grades_history} WHERE oldid {in:ids} AND action = 3 AND source = 'userdelete' GROUP BY oldid;
