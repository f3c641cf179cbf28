<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

/**
 * What the audits found: of each audit its latest row.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class findings {
    /**
     * The latest row of each audit, the gravest first: audit, severity, amount, error, timecreated.
     *
     * @return \stdClass[]
     */
    public static function latest(): array {
        global $DB;
        $sql = 'SELECT f.id, f.audit, f.severity, f.amount, f.error, f.timecreated
                  FROM {local_greffe_finding} f
                  JOIN (SELECT audit, MAX(id) AS id FROM {local_greffe_finding} GROUP BY audit) latest ON latest.id = f.id
              ORDER BY f.audit';
        $found = array_values($DB->get_records_sql($sql));
        usort($found, fn($a, $b) => [self::gravity($b), $b->amount] <=> [self::gravity($a), $a->amount]);
        return $found;
    }

    /**
     * How grave it is: 2 must be looked at, 1 should be, 0 is fine. What failed to look is never fine.
     *
     * @param \stdClass $finding the row
     * @return int
     */
    public static function gravity(\stdClass $finding): int {
        if (($finding->error ?? '') !== '') {
            return 1;
        }
        if (!$finding->amount) {
            return 0;
        }
        return ['critical' => 2, 'error' => 2, 'warning' => 1][$finding->severity] ?? 0;
    }
}
