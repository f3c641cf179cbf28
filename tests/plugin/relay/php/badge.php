<?php
// A badge for whoever is in one of the cohorts that are named; people who are in them already have it.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->libdir . '/badgeslib.php');
require_once($CFG->dirroot . '/badges/criteria/award_criteria.php');

\core\cron::setup_user();
$now = time();
$id = $DB->insert_record('badge', (object) [
    'name' => 'Member', 'description' => 'Is a member', 'timecreated' => $now, 'timemodified' => $now, 'usercreated' => 2,
    'usermodified' => 2, 'issuername' => 'Judge', 'issuerurl' => 'http://localhost', 'issuercontact' => 'a@example.org',
    'type' => BADGE_TYPE_SITE, 'messagesubject' => 'Badge', 'message' => 'Yours', 'attachment' => 0,
    'notification' => BADGE_MESSAGE_NEVER, 'status' => BADGE_STATUS_INACTIVE, 'version' => '1', 'language' => 'en',
]);
[$in, $params] = $DB->get_in_or_equal(array_slice($argv, 1));
$cohorts = $DB->get_fieldset_select('cohort', 'id', "idnumber $in", $params);
award_criteria::build(['criteriatype' => BADGE_CRITERIA_TYPE_OVERALL, 'badgeid' => $id])
    ->save(['agg' => BADGE_CRITERIA_AGGREGATION_ALL]);
award_criteria::build(['criteriatype' => BADGE_CRITERIA_TYPE_COHORT, 'badgeid' => $id])
    ->save(['agg' => BADGE_CRITERIA_AGGREGATION_ANY, 'cohort_cohorts' => $cohorts]);
$badge = new badge($id);
$badge->set_status(BADGE_STATUS_ACTIVE);
$badge->review_all_criteria();
