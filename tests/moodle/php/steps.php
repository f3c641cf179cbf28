<?php
// What people do by day, and the task by night: each step of a scenario as calls of Moodle's own API.
defined('MOODLE_INTERNAL') || die();

require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/group/lib.php');
require_once($CFG->dirroot . '/mod/forum/lib.php');
require_once($CFG->dirroot . '/lib/phpunit/classes/util.php');
require_once($CFG->dirroot . '/backup/util/includes/backup_includes.php');
require_once($CFG->dirroot . '/backup/util/includes/restore_includes.php');
require_once($CFG->libdir . '/enrollib.php');
require_once($CFG->libdir . '/gradelib.php');

$CFG->backup_error_log_logger_level = backup::LOG_NONE; // its tales are no complaints

/** The course of a step. */
function course_of(array $step): stdClass {
    global $DB;
    return $DB->get_record('course', ['shortname' => $step['course']], '*', MUST_EXIST);
}

/** The account of the person of a step. */
function account_of(array $step): stdClass {
    global $DB;
    return $DB->get_record('user', ['idnumber' => $step['person']], '*', MUST_EXIST);
}

/** The id of the person of a step. */
function person_of(array $step): int {
    return (int) account_of($step)->id;
}

/** The id of the role of a step. */
function role_of(array $step): int {
    global $DB;
    return (int) $DB->get_field('role', 'id', ['shortname' => $step['role']], MUST_EXIST);
}

/** The last instance of the step's method in its course. */
function instance_of(array $step): stdClass {
    global $DB;
    $found = $DB->get_records('enrol', ['courseid' => course_of($step)->id, 'enrol' => $step['method']], 'id DESC', '*', 0, 1);
    return reset($found);
}

/** The forum of a step. */
function forum_of(array $step): stdClass {
    global $DB;
    return $DB->get_record('forum', ['course' => course_of($step)->id, 'name' => $step['forum']], '*', MUST_EXIST);
}

/** The context of the forum of a step. */
function forum_context(array $step): context_module {
    return context_module::instance(get_coursemodule_from_instance('forum', forum_of($step)->id)->id);
}

/** Everything of a course, people included, into a folder of its own; the folder's name. */
function backed_up(stdClass $course): string {
    $controller = new backup_controller(backup::TYPE_1COURSE, $course->id, backup::FORMAT_MOODLE,
        backup::INTERACTIVE_NO, backup::MODE_GENERAL, get_admin()->id);
    $controller->execute_plan();
    $file = $controller->get_results()['backup_destination'];
    $folder = $controller->get_backupid();
    $controller->destroy();
    $file->extract_to_pathname(get_file_packer('application/vnd.moodle.backup'), make_backup_temp_directory($folder));
    return $folder;
}

/** A new course from such a folder, with its people and their enrolments by the same methods. */
function restored(string $folder, string $shortname): stdClass {
    global $DB;
    $id = restore_dbops::create_new_course($shortname, $shortname, 1);
    $controller = new restore_controller($folder, $id, backup::INTERACTIVE_NO, backup::MODE_GENERAL, get_admin()->id,
        backup::TARGET_NEW_COURSE);
    foreach (['enrolments' => backup::ENROL_ALWAYS, 'users' => 1, 'role_assignments' => 1,
              'course_shortname' => $shortname, 'course_fullname' => $shortname] as $name => $value) {
        if ($controller->get_plan()->setting_exists($name)) {
            $setting = $controller->get_plan()->get_setting($name);
            $setting->set_status(base_setting::NOT_LOCKED);
            $setting->set_value($value);
        }
    }
    if (!$controller->execute_precheck()) {
        throw new Exception(json_encode($controller->get_precheck_results()));
    }
    $controller->execute_plan();
    $controller->destroy();
    return $DB->get_record('course', ['id' => $id], '*', MUST_EXIST);
}

/** Step by name. */
function steps(): array {
    global $DB;
    return [
        'Task' => fn($step) => \core\task\manager::get_scheduled_task($step['name'])->execute(),
        'FlushLog' => function () {
            foreach (get_log_manager()->get_readers('\tool_log\log\store') as $store) {
                $store->dispose(); // as at the end of any process
            }
        },
        'Setting' => fn($step) => set_config($step['name'], $step['value'], $step['plugin'] ?? 'local_greffe'),
        'Course' => fn($step) => create_course((object) [
            'category' => 1,
            'fullname' => $step['shortname'],
            'shortname' => $step['shortname'],
            'idnumber' => $step['idnumber'],
            'visible' => (int) $step['visible'],
        ]),
        'Enrol' => fn($step) => enrol_get_plugin($step['method'])->enrol_user(
            instance_of($step),
            person_of($step),
            role_of($step),
        ),
        'SuspendByHand' => fn($step) => enrol_get_plugin($step['method'])->update_user_enrol(
            instance_of($step),
            person_of($step),
            ENROL_USER_SUSPENDED,
        ),
        'SetTimes' => fn($step) => enrol_get_plugin($step['method'])->update_user_enrol(
            instance_of($step),
            person_of($step),
            null,
            $step['start'],
            $step['end'],
        ),
        'JoinGroup' => function ($step) {
            $course = course_of($step);
            $group = groups_get_group_by_name($course->id, $step['group'])
                ?: groups_create_group((object) [
                    'courseid' => $course->id,
                    'name' => $step['group'],
                    'enablemessaging' => (int) $step['conversation'],
                ]);
            groups_add_member($group, person_of($step)) || throw new Exception('not added to ' . $step['group']);
        },
        'AddForum' => fn($step) => phpunit_util::get_data_generator()->create_module('forum', [
            'course' => course_of($step)->id,
            'name' => $step['forum'],
            'type' => 'general',
            'forcesubscribe' => $step['subscribes'] ? FORUM_INITIALSUBSCRIBE : FORUM_CHOOSESUBSCRIBE,
        ]),
        'FollowForum' => function ($step) use ($DB) {
            $forum = forum_of($step);
            $person = account_of($step);
            \mod_forum\subscriptions::subscribe_user($person->id, $forum, forum_context($step));
            $DB->insert_record('forum_digests', ['userid' => $person->id, 'forum' => $forum->id, 'maildigest' => 2]);
            forum_tp_stop_tracking($forum->id, $person->id);
            $now = time();
            $DB->insert_record('forum_read', ['userid' => $person->id, 'forumid' => $forum->id, 'discussionid' => 11,
                'postid' => 12, 'firstread' => $now, 'lastread' => $now]);
        },
        'RoleInForum' => fn($step) => role_assign(role_of($step), person_of($step), forum_context($step)->id),
        'Grade' => function ($step) {
            $course = course_of($step);
            $item = grade_item::fetch(['courseid' => $course->id, 'itemname' => $step['item']]);
            if (!$item) {
                $item = new grade_item(['courseid' => $course->id, 'itemtype' => 'manual', 'itemname' => $step['item']], false);
                $item->insert('manual');
                grade_regrade_final_grades($course->id);
                $item = grade_item::fetch(['id' => $item->id]);
            }
            $item->update_final_grade(person_of($step), $step['points'], 'gradebook');
        },
        'AddMethod' => fn($step) => enrol_get_plugin($step['method'])->add_instance(course_of($step)),
        'DisableMethod' => fn($step) => enrol_get_plugin($step['method'])->update_status(
            instance_of($step),
            ENROL_INSTANCE_DISABLED,
        ),
        'DeletePerson' => fn($step) => delete_user(account_of($step)),
        'DeleteRole' => fn($step) => delete_role(role_of($step)),
        'DeleteCourse' => fn($step) => delete_course(course_of($step), false),
        'ResetCourse' => fn($step) => reset_course_userdata((object) [
            'id' => course_of($step)->id,
            'unenrol_users' => [role_of($step)],
            'reset_groups_members' => 1,
        ]),
        'CopyCourse' => fn($step) => restored(backed_up(course_of($step)), $step['into']),
        'RestoreCourse' => function ($step) use ($DB) {
            $course = course_of($step);
            $folder = backed_up($course);
            delete_course($course, false);
            restored($folder, $step['course']);
        },
    ];
}
