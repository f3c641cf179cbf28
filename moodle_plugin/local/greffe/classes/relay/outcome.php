<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

/**
 * What the relay did with a change, in one word: what `local_greffe_change.outcome` holds.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class outcome {
    /** Moodle was told, and nobody complained. */
    public const TOLD = 'told';
    /** Moodle was told, and an observer or a listener threw. */
    public const FAILED = 'failed';
    /** By the site's choice only the caches were dropped. */
    public const CACHE = 'cache';
    /** By the site's choice nothing was done. */
    public const OFF = 'off';
    /** A change of which Moodle tells nobody: a visit, a forum row, a conversation. */
    public const QUIET = 'quiet';
    /** The run that made the change was taken back before Moodle was told. */
    public const UNDONE = 'undone';
    /** It takes back, or ends, something that Moodle was never told of. */
    public const UNSEEN = 'unseen';
    /** What was added, or written, is not there any more. */
    public const GONE = 'gone';
    /** What was removed is there again. */
    public const BACK = 'back';
    /** The same row was written once more since. */
    public const SUPERSEDED = 'superseded';
    /** The person's account is gone. */
    public const NOPERSON = 'no-person';
    /** The course, method, group, cohort or context is gone. */
    public const NOPLACE = 'no-place';

    /** After these Moodle does not know of the change. */
    public const SILENT = [self::UNDONE, self::UNSEEN, self::GONE];
}
