<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\privacy;

use context;
use context_course;
use context_system;
use core_privacy\local\metadata\collection;
use core_privacy\local\request\approved_contextlist;
use core_privacy\local\request\approved_userlist;
use core_privacy\local\request\contextlist;
use core_privacy\local\request\transform;
use core_privacy\local\request\userlist;
use core_privacy\local\request\writer;

/**
 * What the register keeps of a person: what was changed for him and why, what waits for his account, messages he has sent.
 *
 * What concerns a course belongs to the course's context; cohorts, and what waits, to the whole site's.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class provider implements
    \core_privacy\local\metadata\provider,
    \core_privacy\local\request\core_userlist_provider,
    \core_privacy\local\request\plugin\provider {

    /** @var string[] fields of an account by which a feed can name it; as the engine has them */
    private const FIELDS = ['idnumber', 'username', 'email', 'id'];

    /**
     * The tables, and what their columns say of a person.
     *
     * @param collection $collection
     * @return collection
     */
    public static function get_metadata(collection $collection): collection {
        $tables = [
            'change' => [
                'action', 'courseid', 'userid', 'roleid', 'groupid', 'cohortid', 'reason', 'feed', 'line', 'oldrow', 'newrow',
                'timecreated',
            ],
            'waiting' => ['person', 'feed', 'line', 'courseid', 'roleid', 'groupname', 'cohort', 'timestart', 'timeend'],
            'message' => ['courseid', 'userid', 'subject', 'body', 'recipients', 'failures', 'timecreated'],
        ];
        foreach ($tables as $table => $columns) {
            $texts = [];
            foreach ($columns as $column) {
                $texts[$column] = "privacy:metadata:$table:$column";
            }
            $collection->add_database_table("local_greffe_$table", $texts, "privacy:metadata:$table");
        }
        return $collection;
    }

    /**
     * Where something is kept of a person.
     *
     * @param int $userid
     * @return contextlist
     */
    public static function get_contexts_for_userid(int $userid): contextlist {
        $contexts = new contextlist();
        foreach (['change', 'message'] as $table) {
            $contexts->add_from_sql(
                "SELECT x.id FROM {context} x JOIN {local_greffe_$table} t ON t.courseid = x.instanceid
                  WHERE x.contextlevel = :level AND t.userid = :userid",
                ['level' => CONTEXT_COURSE, 'userid' => $userid]
            );
        }
        if (self::of_site($userid) || self::waiting($userid)) {
            $contexts->add_system_context();
        }
        return $contexts;
    }

    /**
     * Of whom something is kept in a context.
     *
     * @param userlist $userlist
     */
    public static function get_users_in_context(userlist $userlist) {
        $context = $userlist->get_context();
        if ($context instanceof context_course) {
            foreach (['change', 'message'] as $table) {
                $sql = "SELECT userid FROM {local_greffe_$table} WHERE courseid = :courseid AND userid <> 0";
                $userlist->add_from_sql('userid', $sql, ['courseid' => $context->instanceid]);
            }
        } else if ($context instanceof context_system) {
            $userlist->add_from_sql('userid', "SELECT userid FROM {local_greffe_change} WHERE courseid = 0 AND userid <> 0", []);
            foreach (self::FIELDS as $field) {
                [$match, $params] = self::match($field);
                $userlist->add_from_sql(
                    'id',
                    "SELECT u.id FROM {user} u JOIN {local_greffe_waiting} w ON w.field = :field AND w.person = $match",
                    ['field' => $field] + $params
                );
            }
        }
    }

    /**
     * Export what is kept of a person.
     *
     * @param approved_contextlist $contextlist
     */
    public static function export_user_data(approved_contextlist $contextlist) {
        global $DB;

        $userid = (int) $contextlist->get_user()->id;
        foreach ($contextlist->get_contexts() as $context) {
            if ($context instanceof context_course) {
                $courseid = (int) $context->instanceid;
                self::export($context, 'changes', $DB->get_recordset(
                    'local_greffe_change',
                    ['userid' => $userid, 'courseid' => $courseid],
                    'id'
                ));
                self::export($context, 'messages', $DB->get_recordset(
                    'local_greffe_message',
                    ['userid' => $userid, 'courseid' => $courseid],
                    'id'
                ));
            } else if ($context instanceof context_system) {
                self::export($context, 'changes', self::of_site($userid));
                self::export($context, 'waiting', self::waiting($userid));
            }
        }
    }

    /**
     * Forget everybody in a context.
     *
     * @param context $context
     */
    public static function delete_data_for_all_users_in_context(context $context) {
        global $DB;

        if ($context instanceof context_course) {
            $DB->delete_records('local_greffe_change', ['courseid' => $context->instanceid]);
            $DB->delete_records('local_greffe_message', ['courseid' => $context->instanceid]);
        } else if ($context instanceof context_system) {
            $DB->delete_records('local_greffe_change', ['courseid' => 0]);
            $DB->delete_records('local_greffe_waiting');
        }
    }

    /**
     * Forget a person in some contexts.
     *
     * @param approved_contextlist $contextlist
     */
    public static function delete_data_for_user(approved_contextlist $contextlist) {
        foreach ($contextlist->get_contexts() as $context) {
            self::forget($context, (int) $contextlist->get_user()->id);
        }
    }

    /**
     * Forget some people in a context.
     *
     * @param approved_userlist $userlist
     */
    public static function delete_data_for_users(approved_userlist $userlist) {
        foreach ($userlist->get_userids() as $userid) {
            self::forget($userlist->get_context(), (int) $userid);
        }
    }

    /**
     * Forget a person in a context.
     *
     * @param context $context
     * @param int $userid
     */
    private static function forget(context $context, int $userid): void {
        global $DB;

        if ($context instanceof context_course) {
            foreach (['local_greffe_change', 'local_greffe_message'] as $table) {
                $DB->delete_records($table, ['userid' => $userid, 'courseid' => $context->instanceid]);
            }
        } else if ($context instanceof context_system) {
            $DB->delete_records('local_greffe_change', ['userid' => $userid, 'courseid' => 0]);
            $DB->delete_records_list('local_greffe_waiting', 'id', array_keys(self::waiting($userid)));
        }
    }

    /**
     * Changes that belong to no course: cohorts.
     *
     * @param int $userid
     * @return \stdClass[] by id
     */
    private static function of_site(int $userid): array {
        global $DB;

        return $DB->get_records('local_greffe_change', ['userid' => $userid, 'courseid' => 0], 'id');
    }

    /**
     * What waits for a person, by each field that can name him.
     *
     * @param int $userid
     * @return \stdClass[] by id
     */
    private static function waiting(int $userid): array {
        global $DB;

        $found = [];
        foreach (self::FIELDS as $field) {
            [$match, $params] = self::match($field);
            $found += $DB->get_records_sql(
                "SELECT w.* FROM {local_greffe_waiting} w JOIN {user} u ON w.person = $match
                  WHERE w.field = :field AND u.id = :userid ORDER BY w.id",
                ['field' => $field, 'userid' => $userid] + $params
            );
        }
        return $found;
    }

    /**
     * A field of an account, as a text that a waiting row can hold. Usernames are unique on one host of the network alone.
     *
     * @param string $field one of FIELDS
     * @return array SQL, parameters
     */
    private static function match(string $field): array {
        global $CFG, $DB;

        if ($field === 'id') {
            return [$DB->sql_cast_to_char('u.id'), []];
        }
        if ($field === 'username') {
            return ['u.username AND u.mnethostid = :host', ['host' => $CFG->mnet_localhost_id]];
        }
        return ["u.$field AND u.$field <> ''", []];
    }

    /**
     * Export some rows, with moments that people can read.
     *
     * @param context $context
     * @param string $what changes, waiting or messages
     * @param iterable $rows
     */
    private static function export(context $context, string $what, iterable $rows): void {
        $shown = [];
        foreach ($rows as $row) {
            foreach (['timestart', 'timeend', 'timecreated', 'timestarted', 'timeended', 'relayed'] as $moment) {
                if (!empty($row->$moment)) {
                    $row->$moment = transform::datetime($row->$moment);
                }
            }
            $shown[] = $row;
        }
        if ($rows instanceof \moodle_recordset) {
            $rows->close();
        }
        if ($shown) {
            $path = [get_string('pluginname', 'local_greffe'), get_string("privacy:$what", 'local_greffe')];
            writer::with_context($context)->export_data($path, (object) [$what => $shown]);
        }
    }
}
