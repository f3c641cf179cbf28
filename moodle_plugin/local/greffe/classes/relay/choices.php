<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

/**
 * What the site wants Moodle to be told: for each family of events, and for what hooks lead to.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class choices {
    /** Events, hooks and caches. */
    public const ALL = 'all';
    /** Only caches are dropped. */
    public const CACHE = 'cache';
    /** Nothing. */
    public const NONE = 'none';
    /** The families, each a setting `relay<family>`. */
    public const FAMILIES = ['enrolments', 'roles', 'groups', 'cohorts', 'methods'];

    /** @var array family → what is wanted */
    private array $wanted = [];
    /** @var bool whether people get the welcome message of the course */
    public readonly bool $welcome;
    /** @var bool whether rooms of the communication subsystem follow */
    public readonly bool $communication;

    /**
     * As the settings say now.
     */
    public function __construct() {
        $settings = get_config('local_greffe');
        foreach (self::FAMILIES as $family) {
            $this->wanted[$family] = $settings->{'relay' . $family} ?? self::ALL;
        }
        $this->welcome = ($settings->relaywelcome ?? self::NONE) === self::ALL;
        $this->communication = ($settings->relaycommunication ?? self::ALL) === self::ALL;
    }

    /**
     * What is wanted of a family.
     *
     * @param string $family one of FAMILIES
     * @return string ALL, CACHE or NONE
     */
    public function of(string $family): string {
        return $this->wanted[$family];
    }
}
