<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\arrival;

use context_system;
use stdClass;

/**
 * The list of those whom feeds name and Moodle did not know on the last good night, and who of them has an account now.
 *
 * Texts are compared by the database, as the engine compares what it finds no exact match for. An account whose value another
 * one has as well is nobody: neither the deleted nor the guest count, and usernames only on the site's own host.
 *
 * What people may write into their own profile proves nothing: whoever typed a teacher's number would have his courses on the
 * next page. Such values wait for the night, unless the site says that it trusts them; so do accounts that are not confirmed,
 * and those that people open themselves.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class waiting {
    /** @var string[] fields of an account by which a feed can name it */
    private const FIELDS = ['idnumber', 'username', 'email', 'id'];

    /** @var int accounts that the task takes up at a time */
    private const MANY = 1000;

    /**
     * The rows that wait for an account.
     *
     * @param int $userid
     * @return stdClass[] rows of local_greffe_waiting by id, in the order of the list
     */
    public function for_account(int $userid): array {
        global $CFG, $DB;

        $columns = 'id, idnumber, username, email, mnethostid, auth, confirmed';
        $user = $DB->get_record('user', ['id' => $userid, 'deleted' => 0], $columns);
        if (!$user || isguestuser($userid)) {
            return [];
        }
        $fields = array_filter(self::FIELDS, fn($field) => (string) $user->$field !== '' && $this->proves($user, $field));
        if ((string) $user->mnethostid !== (string) $CFG->mnet_localhost_id) {
            $fields = array_diff($fields, ['username']);
        }
        $parts = $params = [];
        foreach ($fields as $field) {
            $parts[] = "(field = :field$field AND person = :person$field)";
            $params += ["field$field" => $field, "person$field" => (string) $user->$field];
        }
        if (!$parts) {
            return [];
        }
        $rows = $DB->get_records_select('local_greffe_waiting', implode(' OR ', $parts), $params, 'id');
        $alone = [];
        foreach (array_unique(array_column($rows, 'field')) as $field) {
            $alone[$field] = $this->alone($field, (string) $user->$field);
        }
        return array_filter($rows, fn($row) => $alone[$row->field]);
    }

    /**
     * Whether a value tells who somebody is, rather than who he says that he is.
     *
     * @param stdClass $user with id, auth and confirmed
     * @param string $field one of FIELDS
     * @return bool
     */
    private function proves(stdClass $user, string $field): bool {
        global $CFG;

        if (!$user->confirmed || ($user->auth === ($CFG->registerauth ?? '') && $user->auth !== '')) {
            return false;
        }
        if (!in_array($field, ['idnumber', 'email'], true) || get_config('local_greffe', 'arrivalstrust')) {
            return true;
        }
        if ($field === 'email' && !empty($CFG->emailchangeconfirmation)) {
            return true; // Only who reads the letters of an address can take it.
        }
        return get_config("auth_{$user->auth}", "field_lock_$field") === 'locked'
            || !has_capability('moodle/user:editownprofile', context_system::instance(), $user->id);
    }

    /**
     * Accounts that the list may be waiting for, as many as can be taken up at a time.
     *
     * @return int[] ids of accounts
     */
    public function accounts(): array {
        $people = $this->named();
        shuffle($people);  // Those who can get nothing for now must not keep the others waiting for ever.
        return array_slice($people, 0, self::MANY);
    }

    /**
     * All accounts that the list names, whether that proves anything or not. Cheap where the list is empty.
     *
     * @return int[] ids of accounts
     */
    public function named(): array {
        global $CFG, $DB;

        if (!$DB->record_exists('local_greffe_waiting', [])) {
            return [];
        }
        $found = [];
        foreach (self::FIELDS as $field) {
            if (!$DB->record_exists('local_greffe_waiting', ['field' => $field])) {
                continue;
            }
            $params = ['field' => $field];
            if ($field === 'id') {
                $match = $DB->sql_cast_to_char('u.id') . ' = w.person';
            } else if ($field === 'username') {
                $match = 'u.username = w.person AND u.mnethostid = :host';
                $params['host'] = $CFG->mnet_localhost_id;
            } else {
                $match = "u.$field = w.person";
            }
            $sql = "SELECT DISTINCT u.id FROM {local_greffe_waiting} w JOIN {user} u ON $match
                     WHERE w.field = :field AND u.deleted = 0";
            $found += array_flip(array_map('intval', $DB->get_fieldset_sql($sql, $params)));
        }
        return array_keys($found);
    }

    /**
     * Whether one account alone has a value.
     *
     * @param string $field one of FIELDS
     * @param string $value
     * @return bool
     */
    private function alone(string $field, string $value): bool {
        global $CFG, $DB;

        if ($field === 'id' || $field === 'username') {
            return true;
        }
        $sql = "SELECT COUNT(*) FROM {user} WHERE deleted = 0 AND id <> :guest AND $field = :value";
        return $DB->count_records_sql($sql, ['guest' => (int) ($CFG->siteguest ?? 1), 'value' => $value]) === 1;
    }
}
