<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

use local_greffe\kept;

/**
 * What a night saw of one feed.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class feed {
    /** Figures that people read, in reading order; each has a text `figure:…`. */
    public const FIGURES = [
        'rows', 'kept', 'other_years', 'not_required', 'duplicates', 'people', 'unknown_people', 'ambiguous_people',
        'empty_people', 'codes', 'unknown_codes', 'places', 'cohorts',
    ];

    /** @var string its name in the engine's configuration */
    public readonly string $name;
    /** @var string a path, or a database without its secrets */
    public readonly string $source;
    /** @var int when the file was written, or the query was run; 0 where it could not be read at all */
    public readonly int $delivered;
    /** @var string[] why it is bad; empty where it is good */
    public readonly array $problems;
    /** @var bool whether there is anything against it: what cannot be read does not make it good */
    private readonly bool $doubted;
    /** @var string[] what a person should know although it is good */
    public readonly array $notes;
    /** @var int[] figure => number */
    public readonly array $figures;

    /**
     * A feed.
     *
     * @param array $counts what the engine kept of it
     */
    public function __construct(array $counts) {
        $numbers = kept::numbers($counts);
        $this->name = $counts['feed'];
        $this->source = kept::text($counts['source'] ?? null);
        $this->delivered = $numbers['delivered'] ?? 0;
        $this->problems = kept::texts($counts['problems'] ?? null);
        $this->doubted = !empty($counts['problems']);
        $this->notes = kept::texts($counts['notes'] ?? null);
        $this->figures = array_replace(array_fill_keys(self::FIGURES, 0), array_intersect_key($numbers, array_flip(self::FIGURES)));
    }

    /**
     * Whether it could be trusted.
     *
     * @return bool
     */
    public function is_good(): bool {
        return !$this->doubted;
    }

    /**
     * How old it is, in seconds; null where it could not be read at all.
     *
     * @param int $now the moment
     * @return int|null
     */
    public function age(int $now): ?int {
        return $this->delivered ? max(0, $now - $this->delivered) : null;
    }
}
