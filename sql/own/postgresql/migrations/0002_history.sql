-- Schema 2: the history of a person, a course or a cohort is read in order, along one index each.

-- name: migrate_0002_courses
-- Changes of cohorts have no course and those of courses no cohort.
CREATE INDEX IF NOT EXISTS {local_greffe_change_cou_coh_id_ix} ON {local_greffe_change} (courseid, cohortid, id);

-- name: migrate_0002_people
CREATE INDEX IF NOT EXISTS {local_greffe_change_use_id_ix} ON {local_greffe_change} (userid, id);

-- name: migrate_0002_courses_before
DROP INDEX IF EXISTS {local_greffe_change_cou_ix};

-- name: migrate_0002_people_before
DROP INDEX IF EXISTS {local_greffe_change_use_ix};
