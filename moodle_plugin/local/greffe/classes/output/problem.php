<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\output;

use local_greffe\words;

/**
 * Why a feed is bad, in the reader's language. The engine keeps it as an English sentence; those that a text `problem:…` is made
 * for are said by it, what a reader of a file says stays in English.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class problem {
    /** Names of sentences; of two that fit, the first is meant. */
    private const SENTENCES = [
        'nolines', 'noanswer', 'noentries', 'fewone', 'few', 'shrank', 'olddays', 'old', 'cut', 'years', 'yearsone', 'none',
        'noneone', 'people', 'peopleone', 'nobody', 'strangers', 'strangerone', 'zeros', 'codes', 'codeone',
    ];
    /** Names of what can stand within one of them, also several times. */
    private const CAUSES = ['year', 'years', 'unmatched', 'unmatcheds', 'code', 'codes', 'roles', 'rules'];

    /**
     * The sentence, and the language that it is in where that may be another than the page's.
     *
     * @param string $sentence as the engine says it
     * @return array with text and lang
     */
    public static function told(string $sentence): array {
        foreach (self::SENTENCES as $name) {
            if (preg_match('/^' . self::pattern("problem:$name", '.+') . '$/su', $sentence, $found)) {
                $values = array_map(self::value(...), self::named($found));
                return ['text' => get_string("problem:$name", 'local_greffe', $values), 'lang' => ''];
            }
        }
        return ['text' => $sentence, 'lang' => 'en'];
    }

    /**
     * A value of a sentence: numbers with the reader's thousands, causes in his words.
     *
     * @param string $value as it stands in the English sentence
     * @return string
     */
    private static function value(string $value): string {
        foreach (self::CAUSES as $name) {
            $value = preg_replace_callback(
                '/\b' . self::pattern("cause:$name", '\S+') . '\b/u',
                fn(array $found) => get_string("cause:$name", 'local_greffe', self::named($found)),
                $value
            );
        }
        return preg_replace_callback(
            '/\b\d{1,3}(?:,\d{3})+\b/',
            fn(array $found) => words::number((int) str_replace(',', '', $found[0])),
            $value
        );
    }

    /**
     * What an English text looks like with whatever values.
     *
     * @param string $key of the text
     * @param string $value what a value looks like
     * @return string a part of a regular expression, with the values under their names
     */
    private static function pattern(string $key, string $value): string {
        $text = get_string_manager()->get_string($key, 'local_greffe', null, 'en');
        $pattern = '';
        foreach (preg_split('/\{\$a->(\w)\}/', $text, -1, PREG_SPLIT_DELIM_CAPTURE) as $at => $part) {
            $pattern .= $at % 2 ? "(?<$part>$value)" : preg_quote($part, '/');
        }
        return $pattern;
    }

    /**
     * What was found under a name.
     *
     * @param string[] $found by name and by number
     * @return string[]
     */
    private static function named(array $found): array {
        return array_filter($found, is_string(...), ARRAY_FILTER_USE_KEY);
    }
}
