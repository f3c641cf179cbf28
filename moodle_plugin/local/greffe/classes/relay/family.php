<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

/**
 * Changes of one family, of one slice: whether what they left still stands, and what Moodle itself would have told of them.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
abstract class family {
    /** @var array person → true, of those whose account is there */
    private array $people = [];

    /**
     * Look at what is there now: a question to each table for the whole slice.
     *
     * @param change[] $changes of this family
     * @param history $history what else the journal says of them
     */
    final public function __construct(
        /** @var change[] */
        protected array $changes,
        /** @var history */
        protected history $history,
    ) {
        global $DB;
        if ($people = $this->all('userid')) {
            [$in, $params] = $DB->get_in_or_equal($people);
            $this->people = array_fill_keys($DB->get_fieldset_select('user', 'id', "id $in AND deleted = 0", $params), true);
        }
        $this->look();
    }

    /**
     * The actions that it answers for.
     *
     * @return string[]
     */
    abstract public static function actions(): array;

    /**
     * The choice of the site that they come under.
     *
     * @return string one of choices::FAMILIES
     */
    public static function choice(): string {
        return substr(strrchr(static::class, '\\'), 1);
    }

    /**
     * Read what the changes are about.
     */
    abstract protected function look(): void;

    /**
     * Whether a change still stands.
     *
     * @param change $change one of them
     * @return string '' if so, else one of `outcome`
     */
    abstract protected function standing(change $change): string;

    /**
     * Tell Moodle of a change, as its own code would have.
     *
     * @param change $change one that stands
     * @param teller $teller the one who fires events and dispatches hooks
     */
    abstract public function tell(change $change, teller $teller): void;

    /**
     * Whether Moodle is to be told of a change.
     *
     * @param change $change one of them
     * @return string '' if so, else one of `outcome`
     */
    final public function verdict(change $change): string {
        if ($this->history->unseen($change)) {
            return outcome::UNSEEN;
        }
        if ($change->userid && !isset($this->people[$change->userid])) {
            return outcome::NOPERSON;
        }
        return $this->standing($change);
    }

    /**
     * Distinct values of a column, 0 aside.
     *
     * @param string $name of the change's property
     * @param string ...$actions only of these; of all where none is named
     * @return int[]
     */
    protected function all(string $name, string ...$actions): array {
        $found = [];
        foreach ($this->changes as $change) {
            if ($change->$name && (!$actions || in_array($change->action, $actions, true))) {
                $found[$change->$name] = $change->$name;
            }
        }
        return array_values($found);
    }

    /**
     * Rows of a table by their ids.
     *
     * @param string $table the table
     * @param int[] $ids the ids
     * @return \stdClass[]
     */
    protected static function rows(string $table, array $ids): array {
        global $DB;
        return $ids ? $DB->get_records_list($table, 'id', $ids) : [];
    }

    /**
     * Which of these pairs a table has.
     *
     * @param string $table the table
     * @param string $place the column beside the person
     * @param int[] $places its values
     * @param int[] $people the people
     * @return array "place person" → true
     */
    protected static function pairs(string $table, string $place, array $places, array $people): array {
        global $DB;
        $found = [];
        if ($places && $people) {
            [$in, $params] = $DB->get_in_or_equal($places, SQL_PARAMS_NAMED, 'p');
            [$who, $more] = $DB->get_in_or_equal($people, SQL_PARAMS_NAMED, 'u');
            $rows = $DB->get_recordset_select($table, "$place $in AND userid $who", $params + $more, '', "id, $place, userid");
            foreach ($rows as $row) {
                $found[$row->$place . ' ' . $row->userid] = true;
            }
            $rows->close();
        }
        return $found;
    }
}
