-- Schema 2: the history of a person, a course or a cohort is read in order, along one index each.

-- name: migrate_0002_courses
-- Changes of cohorts have no course and those of courses no cohort.
CREATE INDEX IF NOT EXISTS cou_coh_id_ix ON {local_greffe_change} (courseid, cohortid, id);

-- name: migrate_0002_people
CREATE INDEX IF NOT EXISTS use_id_ix ON {local_greffe_change} (userid, id);

-- name: migrate_0002_courses_before
DROP INDEX IF EXISTS cou_ix ON {local_greffe_change};

-- name: migrate_0002_people_before
DROP INDEX IF EXISTS use_ix ON {local_greffe_change};
