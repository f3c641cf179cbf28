<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe;

/**
 * What the register keeps as JSON in a column. A hand, or an engine that this plugin does not know, can have written anything
 * there: what has not the shape that it should have is read as nothing, so that all the rest can still be told.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class kept {
    /** No count and no moment is larger, and many of these can still be added up. */
    private const MOST = 10 ** 15;

    /**
     * A list or map.
     *
     * @param string|null $text the column
     * @return array
     */
    public static function all(?string $text): array {
        $found = json_decode($text ?? '', true);
        return is_array($found) ? $found : [];
    }

    /**
     * What is a map in a list of maps, where each of these fields is of the kind that it should be.
     *
     * @param mixed $list the list
     * @param string[] $fields field => kind (string, int)
     * @return array[]
     */
    public static function rows(mixed $list, array $fields): array {
        return array_values(array_filter(is_array($list) ? $list : [], function ($row) use ($fields) {
            foreach ($fields as $field => $kind) {
                if (get_debug_type($row[$field] ?? null) !== $kind) {
                    return false;
                }
            }
            return true;
        }));
    }

    /**
     * Counts and moments by name: none of them is below zero.
     *
     * @param mixed $map the map
     * @return int[]
     */
    public static function numbers(mixed $map): array {
        $sound = fn($number, $name) => is_string($name) && is_numeric($number) && $number >= 0 && $number <= self::MOST;
        return array_map('intval', array_filter(is_array($map) ? $map : [], $sound, ARRAY_FILTER_USE_BOTH));
    }

    /**
     * A text; empty where it is none.
     *
     * @param mixed $text the text
     * @return string
     */
    public static function text(mixed $text): string {
        return is_string($text) ? $text : '';
    }

    /**
     * Texts of a list.
     *
     * @param mixed $list the list
     * @return string[]
     */
    public static function texts(mixed $list): array {
        return array_values(array_filter(is_array($list) ? $list : [], 'is_string'));
    }
}
