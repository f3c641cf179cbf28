-- name: cohorts_now
-- The columns of a cohort that rules decide. '' stands for the NULL that Moodle keeps where a form left them empty.
SELECT id, contextid, name, COALESCE(idnumber, ''), COALESCE(description, ''), visible, component
  FROM {cohort} WHERE idnumber <> '' ORDER BY id;

-- name: cohorts_by_id
SELECT id, contextid, name, COALESCE(idnumber, ''), COALESCE(description, ''), visible, component
  FROM {cohort} WHERE id {in:ids} ORDER BY id;

-- name: categories_named
-- Course categories with where they stand in the tree, and their contexts: people write any of that.
SELECT c.id, c.idnumber, c.name, c.path, x.id
  FROM {course_categories} c JOIN {context} x ON x.contextlevel = 40 AND x.instanceid = c.id ORDER BY c.id;

-- name: cohorts_alike
-- Which cohorts have one of these idnumbers, as the database compares text: the test of Moodle's own forms.
SELECT id, idnumber FROM {cohort} WHERE idnumber {in:idnumbers};

-- name: cohorts_of_methods
-- Cohorts that enrolment methods stand on: cohort sync (customint1), and self enrolment for members only (customint5).
SELECT customint1 FROM {enrol} WHERE enrol = 'cohort' AND customint1 {in:cohorts}
 UNION SELECT customint5 FROM {enrol} WHERE enrol = 'self' AND customint5 {in:cohorts};

-- name: cohorts_with_members
SELECT DISTINCT cohortid FROM {cohort_members} WHERE cohortid {in:cohorts};

-- name: cohorts_of_roles
-- tool_cohortroles: whoever has the role answers for the cohort's members.
SELECT DISTINCT cohortid FROM {tool_cohortroles} WHERE cohortid {in:cohorts};

-- name: cohorts_of_templates
-- Learning plans that are made for a cohort's members.
SELECT DISTINCT cohortid FROM {competency_templatecohort} WHERE cohortid {in:cohorts};

-- name: cohorts_with_fields
-- Cohorts that somebody gave values of custom fields.
SELECT DISTINCT d.instanceid
  FROM {customfield_data} d JOIN {customfield_field} f ON f.id = d.fieldid JOIN {customfield_category} c ON c.id = f.categoryid
 WHERE c.component = 'core_cohort' AND c.area = 'cohort' AND d.instanceid {in:cohorts};
