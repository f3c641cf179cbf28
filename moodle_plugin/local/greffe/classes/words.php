<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe;

use local_greffe\health\run;

/**
 * The register in words: numbers, moments, and what the journal says in single words, in the reader's language.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class words {
    /** What the engine puts in place of a feed where people lose a place that none answers for any more. */
    private const NO_FEED = '(none any more)';

    /**
     * A number with its thousands apart.
     *
     * @param int $number the number
     * @return string
     */
    public static function number(int $number): string {
        return number_format($number, 0, '', get_string('thousandssep', 'langconfig'));
    }

    /**
     * A number and what it counts.
     *
     * @param string $what is counted
     * @param int $number how many
     * @return string
     */
    public static function labelled(string $what, int $number): string {
        return get_string('labelled', 'local_greffe', ['what' => $what, 'number' => self::number($number)]);
    }

    /**
     * A moment, to the minute; empty for none.
     *
     * @param int $moment seconds since 1970
     * @return string
     */
    public static function moment(int $moment): string {
        return $moment ? userdate($moment, get_string('strftimedatetimeshort', 'langconfig')) : '';
    }

    /**
     * How long, in its two largest units.
     *
     * @param int $seconds how many
     * @return string
     */
    public static function duration(int $seconds): string {
        if ($seconds <= 0) {
            return get_string('instant', 'local_greffe');
        }
        foreach ([DAYSECS => HOURSECS, HOURSECS => MINSECS] as $large => $small) {
            if ($seconds >= $large) {
                return format_time($seconds - $seconds % $small);
            }
        }
        return format_time($seconds);
    }

    /**
     * How old something is: to the minute, for nobody counts the seconds of an age.
     *
     * @param int $seconds how many
     * @return string
     */
    public static function age(int $seconds): string {
        return self::duration($seconds >= MINSECS ? $seconds - $seconds % MINSECS : $seconds);
    }

    /**
     * How long ago.
     *
     * @param int $seconds how many
     * @return string
     */
    public static function ago(int $seconds): string {
        return get_string('ago', 'local_greffe', self::age($seconds));
    }

    /**
     * How a run stands.
     *
     * @param string $state of the journal
     * @return string
     */
    public static function state(string $state): string {
        return self::word('state', $state);
    }

    /**
     * What kind of run it is.
     *
     * @param run $run the run
     * @return string
     */
    public static function kind(run $run): string {
        $kind = self::word('kind', $run->kind);
        return $run->undoes ? get_string('kindof', 'local_greffe', ['kind' => $kind, 'run' => $run->undoes]) : $kind;
    }

    /**
     * How a run ended: its state and why.
     *
     * @param run $run the run
     * @return string
     */
    public static function ending(run $run): string {
        $why = $run->reason === '' ? '' : self::word('ending', $run->reason);
        return self::state($run->state) . ($why === '' ? '' : " ($why)");
    }

    /**
     * How a run ended, as a sentence; empty where its ending says it already.
     *
     * @param run $run the run
     * @return string
     */
    public static function explained(run $run): string {
        $whole = $run->state === 'done' && $run->reason !== '';
        return $whole || !in_array($run->state, run::STATES) ? '' : get_string("explained:{$run->state}", 'local_greffe');
    }

    /**
     * What was done, in the plural.
     *
     * @param string $action of the journal
     * @return string
     */
    public static function action(string $action): string {
        return self::word('action', $action);
    }

    /**
     * What was done once, to one person or one place.
     *
     * @param string $action of the journal
     * @return string
     */
    public static function change(string $action): string {
        return self::word('change', $action);
    }

    /**
     * Where a change or a place comes from: the feed and its line; empty where no line stands behind it.
     *
     * @param \stdClass $row with feed and line
     * @return string
     */
    public static function source(\stdClass $row): string {
        if ($row->feed === '') {
            return '';
        }
        $a = ['feed' => $row->feed, 'line' => self::number((int) $row->line)];
        return $row->line ? get_string('source', 'local_greffe', $a) : $row->feed;
    }

    /**
     * Why a change was made.
     *
     * @param string $reason of the journal
     * @return string
     */
    public static function reason(string $reason): string {
        return $reason === '' ? '' : self::word('reason', $reason);
    }

    /**
     * How far a message has come.
     *
     * @param string $state of its row
     * @return string
     */
    public static function message(string $state): string {
        return self::word('message', $state);
    }

    /**
     * Why a message did not reach somebody.
     *
     * @param string $why as its row keeps it
     * @return string
     */
    public static function unreached(string $why): string {
        return self::word('unreached', $why);
    }

    /**
     * Changes by action, in reading order: that of the texts' own list, without zeros.
     *
     * @param int[] $counts action => number
     * @return string[] what: number
     */
    public static function counts(array $counts): array {
        $known = array_intersect_key(array_fill_keys(actions::ORDER, 0), $counts);
        $lines = [];
        foreach (array_filter(array_merge($known, $counts)) as $action => $number) {
            $lines[] = self::labelled(self::action($action), $number);
        }
        return $lines;
    }

    /**
     * A limit that was reached, as a sentence.
     *
     * @param \stdClass $verdict level, name, kind, value, of, limit
     * @return string
     */
    public static function verdict(\stdClass $verdict): string {
        [$part, $floor] = explode(' and ', $verdict->limit, 2) + [1 => ''];
        $part = self::amount($part);
        $floor = self::amount($floor, 'enrolments');
        $name = $verdict->name;
        if ($verdict->level !== 'feed') {
            $where = self::word('level', $verdict->level) . " $name";
        } else if (preg_match('/^all (\w+) methods$/', $name, $found)) {
            $where = get_string('limit:allmethods', 'local_greffe', $found[1]);
        } else {
            $where = $name === self::NO_FEED ? get_string('limit:nofeed', 'local_greffe') : self::word('level', 'feed') . " $name";
        }
        return get_string('verdict', 'local_greffe', [
            'where' => $where,
            'value' => self::number((int) $verdict->value),
            'of' => self::number((int) $verdict->of),
            'kind' => self::word('guardkind', $verdict->kind),
            'limit' => $floor === '' ? $part : get_string('limit:from', 'local_greffe', ['limit' => $part, 'floor' => $floor]),
        ]);
    }

    /**
     * How many of what a limit says, where it is no share.
     *
     * @param string $text as the engine says it: 50, 5 members, 5 people
     * @param string $unit what is counted where it does not say so
     * @return string
     */
    private static function amount(string $text, string $unit = ''): string {
        if (!preg_match('/^(\d+)(?: (members|people))?$/', $text, $found)) {
            return $text;
        }
        $unit = $found[2] ?? $unit;
        $number = self::number((int) $found[1]);
        return $unit === '' ? $number : get_string("limit:$unit", 'local_greffe', $number);
    }

    /**
     * The command that lets the plan of a held run pass.
     *
     * @param run $run the run
     * @return string
     */
    public static function approve_command(run $run): string {
        return 'greffe approve ' . $run->short_digest();
    }

    /**
     * The command that shows a run on the engine's side.
     *
     * @param run $run the run
     * @return string
     */
    public static function show_command(run $run): string {
        return "greffe show {$run->id}";
    }

    /**
     * A word of the journal in the reader's language; a word that this plugin does not know yet as it is.
     *
     * @param string $family the first half of the text's key
     * @param string $word the second half
     * @return string
     */
    private static function word(string $family, string $word): string {
        $key = "$family:$word";
        return get_string_manager()->string_exists($key, 'local_greffe') ? get_string($key, 'local_greffe') : $word;
    }
}
