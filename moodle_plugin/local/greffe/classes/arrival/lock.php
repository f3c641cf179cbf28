<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\arrival;

use local_greffe\allowance;

/**
 * The lock that every run of the engine holds: engine/greffe/moodle/locks.py, own_key().
 *
 * It belongs to the session of the database, and so ends with this request at the latest.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class lock {
    /** @var int microseconds between two attempts */
    private const PAUSE = 50000;

    /** @var array parameters of the statements */
    private array $key;

    /** @var string statement that tries to take it */
    private string $take;

    /** @var string statement that gives it back */
    private string $release;

    /**
     * Make the key of this site.
     */
    public function __construct() {
        global $CFG, $DB;

        $site = "$CFG->dbname:$CFG->prefix";
        if ($DB->get_dbfamily() === 'postgres') {
            // Two signed numbers of 32 bits, as Moodle's own locks have them.
            $crc = crc32($site);
            $this->key = ['key1' => $crc >= 2 ** 31 ? $crc - 2 ** 32 : $crc, 'key2' => hexdec(substr(sha1('greffe_run'), 0, 7))];
            $keys = 'CAST(:key1 AS int), CAST(:key2 AS int)';
            $this->take = "SELECT CASE WHEN pg_try_advisory_lock($keys) THEN 1 ELSE 0 END AS taken";
            $this->release = "SELECT pg_advisory_unlock($keys) AS given";
        } else {
            $this->key = ['key1' => sha1("{$site}_greffe_run")];
            $this->take = 'SELECT GET_LOCK(:key1, 0) AS taken';
            $this->release = 'SELECT RELEASE_LOCK(:key1) AS given';
        }
    }

    /**
     * Take the lock.
     *
     * @param float $wait seconds to wait for it
     * @return bool whether it is held now
     */
    public function take(float $wait): bool {
        global $DB;

        $patience = new allowance($wait);
        while ((int) $DB->get_field_sql($this->take, $this->key) !== 1) {
            if ($patience->is_over()) {
                return false;
            }
            usleep(self::PAUSE);
        }
        return true;
    }

    /**
     * Give it back.
     */
    public function release(): void {
        global $DB;

        $DB->get_field_sql($this->release, $this->key);
    }
}
