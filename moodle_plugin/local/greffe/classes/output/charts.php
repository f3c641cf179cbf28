<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\output;

use core\chart_bar;
use core\chart_line;
use core\chart_series;
use local_greffe\health\runs;
use local_greffe\words;

/**
 * The last 90 days, or fewer where there are fewer, in three pictures: how nights ended, what they changed, who waited.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class charts {
    /** How far back. */
    private const DAYS = 90;

    /** How far back at least, so that a young register does not look like an old one. */
    private const LEAST = 14;

    /** State of a night => colour of its bar, in the order in which bars stand on each other. Each is named in the legend. */
    private const COLOURS = [
        'done' => '#357a32', 'partial' => '#c27a00', 'held' => '#8f5fbf', 'failed' => '#ca3120', 'interrupted' => '#e5837a',
        'killed' => '#6a0d05', 'running' => '#0f6cbf',
    ];

    /** @var string[] day => what people call it */
    private array $days = [];
    /** @var \stdClass[][] day => its nights */
    private array $nights = [];

    /**
     * What the pictures show.
     *
     * @param int $now the moment
     */
    public function __construct(int $now) {
        $format = get_string('strftimedateshort', 'langconfig');
        $nights = runs::nights_since($now - self::DAYS * DAYSECS);
        $oldest = $nights ? (int) reset($nights)->timestarted : $now;
        // From noon to noon: days are an hour shorter or longer where the clocks change, and one would be left out, or be there twice.
        [$first, $last] = [usergetmidnight($oldest) + 12 * HOURSECS, usergetmidnight($now) + 12 * HOURSECS];
        $days = min(self::DAYS, max(self::LEAST, (int) round(($last - $first) / DAYSECS) + 1));
        for ($back = $days - 1; $back >= 0; $back--) {
            $this->days[self::day($last - $back * DAYSECS)] = userdate($last - $back * DAYSECS, $format);
        }
        foreach ($nights as $night) {
            $this->nights[self::day((int) $night->timestarted)][] = $night;
        }
        $this->nights = array_intersect_key($this->nights, $this->days);
    }

    /**
     * Each picture: title and HTML; none where there was no night.
     *
     * @param \renderer_base $output who draws
     * @return array[]
     */
    public function drawn(\renderer_base $output): array {
        $found = [];
        foreach (['endings', 'changes', 'waiting'] as $name) {
            if ($this->nights && $chart = $this->$name()) {
                $found[] = ['title' => get_string("chart:$name", 'local_greffe'), 'chart' => $output->render($chart)];
            }
        }
        return $found;
    }

    /**
     * How nights ended.
     *
     * @return chart_bar
     */
    private function endings(): chart_bar {
        $chart = $this->bars();
        $most = 0;
        foreach (self::COLOURS as $state => $colour) {
            $numbers = $this->each(fn($nights) => count(array_filter($nights, fn($night) => $night->state === $state)));
            if (array_filter($numbers)) {
                $most += max($numbers);
                $series = new chart_series(words::state($state), $numbers);
                $series->set_color($colour);
                $chart->add_series($series);
            }
        }
        // Half a night is none.
        $chart->get_yaxis()->set_stepsize((int) ceil($most / 8));
        return $chart;
    }

    /**
     * What they changed.
     *
     * @return chart_bar
     */
    private function changes(): chart_bar {
        $chart = $this->bars();
        $numbers = $this->each(fn($nights) => array_sum(array_column($nights, 'changes')));
        $series = new chart_series(get_string('changes', 'local_greffe'), $numbers);
        $series->set_color('#0f6cbf');
        $chart->add_series($series);
        return $chart;
    }

    /**
     * Who waited, by feed: what the last night of each day saw. Null where no night read a feed.
     *
     * @return chart_line|null
     */
    private function waiting(): ?chart_line {
        $last = array_map(fn($nights) => (int) end($nights)->id, $this->nights);
        $feeds = runs::feeds_of($last);
        $names = array_unique(array_merge(...array_map('array_keys', array_values($feeds)) ?: [[]]));
        if (!$names) {
            return null;
        }
        $chart = new chart_line();
        $chart->set_labels(array_values($this->days));
        $chart->get_yaxis(0, true)->set_min(0);
        foreach ($names as $name) {
            $chart->add_series(new chart_series($name, $this->each(
                fn($nights) => isset($feeds[end($nights)->id][$name]) ? $feeds[end($nights)->id][$name]->figures['unknown_people'] : null,
                null
            )));
        }
        return $chart;
    }

    /**
     * Bars, one for each day.
     *
     * @return chart_bar
     */
    private function bars(): chart_bar {
        $chart = new chart_bar();
        $chart->set_stacked(true);
        $chart->set_labels(array_values($this->days));
        $chart->get_yaxis(0, true)->set_min(0);
        return $chart;
    }

    /**
     * A number for each day.
     *
     * @param callable $number of the day's nights
     * @param int|null $none where there was none
     * @return array
     */
    private function each(callable $number, ?int $none = 0): array {
        return array_map(
            fn($day) => isset($this->nights[$day]) ? $number($this->nights[$day]) : $none,
            array_keys($this->days)
        );
    }

    /**
     * The day of a moment, in the reader's time zone.
     *
     * @param int $moment the moment
     * @return string
     */
    private static function day(int $moment): string {
        return userdate($moment, '%Y-%m-%d', 99, false);
    }
}
