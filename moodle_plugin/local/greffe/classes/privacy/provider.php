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
use local_greffe\arrival\waiting;

/**
 * What the register keeps of a person: what was changed for him and why, what waits for his account, messages he has sent, and
 * that he was one of those whom a message was for.
 *
 * What concerns a course belongs to the course's context; cohorts, what waits, and courses that are gone, to the whole site's. What
 * waits for somebody is his where it would be given to him: a number that he typed himself must not open another's data.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class provider implements
    \core_privacy\local\metadata\provider,
    \core_privacy\local\request\core_userlist_provider,
    \core_privacy\local\request\plugin\provider {

    /** @var string rows that belong to no course, or to one that is gone: there is no context left but the site's */
    private const HOMELESS = 'courseid NOT IN (SELECT x.instanceid FROM {context} x WHERE x.contextlevel = :level)';

    /** @var string[] tables whose rows belong to a course and a person */
    private const TABLES = ['change', 'message'];

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
        global $DB;

        $contexts = new contextlist();
        foreach (self::TABLES as $table) {
            $contexts->add_from_sql(
                "SELECT x.id FROM {context} x JOIN {local_greffe_$table} t ON t.courseid = x.instanceid
                  WHERE x.contextlevel = :level AND t.userid = :userid",
                ['level' => CONTEXT_COURSE, 'userid' => $userid]
            );
        }
        $places = array_map(fn($message) => self::place((int) $message->courseid), addressees::messages($userid));
        if (self::homeless($userid) || (new waiting())->for_account($userid)) {
            $places[] = context_system::instance()->id;
        }
        if ($places) {
            [$in, $params] = $DB->get_in_or_equal(array_unique($places), SQL_PARAMS_NAMED);
            $contexts->add_from_sql("SELECT id FROM {context} WHERE id $in", $params);
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
        if (!($context instanceof context_course || $context instanceof context_system)) {
            return;
        }
        [$where, $params] = self::rows_of($context);
        foreach (self::TABLES as $table) {
            $userlist->add_from_sql('userid', "SELECT userid FROM {local_greffe_$table} WHERE userid <> 0 AND $where", $params);
        }
        $userlist->add_users(addressees::people($where, $params));
        if ($context instanceof context_system) {
            $waiting = new waiting();
            $userlist->add_users(array_filter($waiting->named(), fn($id) => (bool) $waiting->for_account($id)));
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
            if (!($context instanceof context_course || $context instanceof context_system)) {
                continue;
            }
            [$where, $params] = self::rows_of($context);
            $select = "userid = :userid AND $where";
            $params['userid'] = $userid;
            self::export($context, 'changes', $DB->get_recordset_select('local_greffe_change', $select, $params, 'id'));
            // Whom it went to, and who was not reached, is the business of those people.
            $columns = 'id, courseid, userid, subject, body, bodyformat, amount, sent, failed, state, operator, timecreated, '
                . 'timestarted, timeended';
            self::export($context, 'messages', $DB->get_recordset_select('local_greffe_message', $select, $params, 'id', $columns));
            self::export($context, 'addressed', array_map(
                fn($message) => (object) ['courseid' => $message->courseid, 'timecreated' => $message->timecreated],
                array_filter(addressees::messages($userid), fn($message) => self::place((int) $message->courseid) === (int) $context->id)
            ));
            if ($context instanceof context_system) {
                self::export($context, 'waiting', (new waiting())->for_account($userid));
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

        if (!($context instanceof context_course || $context instanceof context_system)) {
            return;
        }
        [$where, $params] = self::rows_of($context);
        foreach (self::TABLES as $table) {
            $DB->delete_records_select("local_greffe_$table", $where, $params);
        }
        if ($context instanceof context_system) {
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

        if (!($context instanceof context_course || $context instanceof context_system)) {
            return;
        }
        [$where, $params] = self::rows_of($context);
        foreach (self::TABLES as $table) {
            $DB->delete_records_select("local_greffe_$table", "userid = :userid AND $where", $params + ['userid' => $userid]);
        }
        foreach (addressees::messages($userid) as $message) {
            if (self::place((int) $message->courseid) === (int) $context->id) {
                addressees::forget($message, $userid);
            }
        }
        if ($context instanceof context_system) {
            $DB->delete_records_list('local_greffe_waiting', 'id', array_keys((new waiting())->for_account($userid)));
        }
    }

    /**
     * Which rows belong to a context.
     *
     * @param context $context a course's, or the site's
     * @return array SQL, parameters
     */
    private static function rows_of(context $context): array {
        return $context instanceof context_course
            ? ['courseid = :courseid', ['courseid' => $context->instanceid]]
            : [self::HOMELESS, ['level' => CONTEXT_COURSE]];
    }

    /**
     * The context to which a row belongs.
     *
     * @param int $courseid its course; 0 for none
     * @return int its id
     */
    private static function place(int $courseid): int {
        $course = $courseid ? context_course::instance($courseid, IGNORE_MISSING) : false;
        return (int) ($course ?: context_system::instance())->id;
    }

    /**
     * Whether there are rows of a person that belong to no course, or to one that is gone.
     *
     * @param int $userid
     * @return bool
     */
    private static function homeless(int $userid): bool {
        global $DB;

        $params = ['userid' => $userid, 'level' => CONTEXT_COURSE];
        foreach (self::TABLES as $table) {
            if ($DB->record_exists_select("local_greffe_$table", 'userid = :userid AND ' . self::HOMELESS, $params)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Export some rows, with moments that people can read.
     *
     * @param context $context
     * @param string $what changes, waiting, messages or addressed
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
