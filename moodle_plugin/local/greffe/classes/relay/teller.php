<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use Throwable;

/**
 * Fires events and dispatches hooks, and hears who throws: one observer that is broken stops nobody else, and is known.
 *
 * Moodle swallows what observers throw and only says so to developers, through `debugging()`. So while an event is fired that
 * function is made to speak to us; what it would have shown without us, it shows.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class teller {
    /** Listeners that the site chooses about, and one whose work `caches` does once for a whole slice. */
    private const WELCOME = ['enrol_manual\user_enrolment_callbacks', 'enrol_self\user_enrolment_callbacks'];
    /** The rooms of courses and groups. */
    private const COMMUNICATION = ['core_communication\hook_listener'];
    /** The caches of course pages. */
    private const CACHES = ['core_courseformat\hook_listener'];

    /** @var string[] classes whose listeners are left out */
    private array $without;
    /** @var bool whether somebody threw since the last question */
    private bool $failed = false;
    /** @var int[] who threw → how often */
    private array $failures = [];

    /**
     * For a site.
     *
     * @param choices $choices what it wants
     */
    public function __construct(choices $choices) {
        $this->without = array_merge(
            self::CACHES,
            $choices->welcome ? [] : self::WELCOME,
            $choices->communication ? [] : self::COMMUNICATION
        );
    }

    /**
     * Fire an event.
     *
     * @param \core\event\base $event ready to be fired
     */
    public function event(\core\event\base $event): void {
        global $CFG;
        $level = $CFG->debug ?? 0;
        $display = $CFG->debugdisplay ?? null;
        $previous = null;
        $listen = function (int $number, string $message, ...$more) use (&$previous, $level, $display) {
            if ($number === E_USER_NOTICE && $this->hears($message, $level, $display)) {
                return true;
            }
            return $previous ? $previous($number, $message, ...$more) : false;
        };
        $previous = set_error_handler($listen);
        $CFG->debug = DEBUG_DEVELOPER | (int) $level;
        $CFG->debugdisplay = 0;
        try {
            $event->trigger();
        } catch (Throwable $thrown) {
            $this->complain($thrown, 'an observer of ' . get_class($event));
            self::free_dispatcher();
        } finally {
            $CFG->debug = $level;
            $CFG->debugdisplay = $display;
            restore_error_handler();
        }
    }

    /**
     * Dispatch a hook to those who listen. One who throws does not silence those behind him.
     *
     * @param object $hook the hook
     */
    public function hook(object $hook): void {
        foreach (\core\di::get(\core\hook\manager::class)->getListenersForEvent($hook) as $listener) {
            if (in_array(ltrim(self::owner($listener), '\\'), $this->without, true)) {
                continue;
            }
            if ($hook instanceof \Psr\EventDispatcher\StoppableEventInterface && $hook->isPropagationStopped()) {
                return;
            }
            try {
                call_user_func($listener, $hook);
            } catch (Throwable $thrown) {
                $this->complain($thrown, self::owner($listener));
            }
        }
    }

    /**
     * Note that something threw. Only who and what: a message may name people.
     *
     * @param Throwable $thrown what
     * @param string $who whose fault it is
     */
    public function complain(Throwable $thrown, string $who): void {
        $this->blame($who . ' (' . get_class($thrown) . ')');
    }

    /**
     * Whether somebody threw since this was asked last.
     *
     * @return bool
     */
    public function failed(): bool {
        $failed = $this->failed;
        $this->failed = false;
        return $failed;
    }

    /**
     * Who threw, and how often.
     *
     * @return int[] by name
     */
    public function failures(): array {
        return $this->failures;
    }

    /**
     * Note who is to blame.
     *
     * @param string $who a name
     */
    public function blame(string $who): void {
        $this->failed = true;
        $this->failures[$who] = ($this->failures[$who] ?? 0) + 1;
    }

    /**
     * Take what `debugging()` says: of a broken observer we take note, and the rest is said as it would have been.
     *
     * @param string $message the notice
     * @param int $level the site's level of debugging
     * @param int|bool|null $display whether the site shows it
     * @return bool whether it came from there
     */
    private function hears(string $message, int $level, $display): bool {
        global $CFG;
        foreach (debug_backtrace(0, 6) as $frame) {
            if ($frame['function'] === 'debugging' && !isset($frame['class'])) {
                if (preg_match("/^Exception encountered in event observer '(.*?)':/", $message, $found)) {
                    $this->blame($found[1]);
                }
                $ours = [$CFG->debug, $CFG->debugdisplay];
                [$CFG->debug, $CFG->debugdisplay] = [$level, $display];
                debugging(...($frame['args'] ?? [$message]));
                [$CFG->debug, $CFG->debugdisplay] = $ours;
                return true;
            }
        }
        return false;
    }

    /**
     * Moodle catches exceptions of observers, but no errors (a missing method, a wrong type). After one of these its dispatcher
     * believes for ever that it is at work, and keeps all further events of the process to itself.
     */
    public static function free_dispatcher(): void {
        $dispatching = new \ReflectionProperty(\core\event\manager::class, 'dispatching');
        $dispatching->setAccessible(true);
        $dispatching->setValue(null, false);
    }

    /**
     * Whose a listener is.
     *
     * @param callable $listener as a hook's definition names it
     * @return string a class, or what else it is
     */
    private static function owner(callable $listener): string {
        if (is_string($listener)) {
            return explode('::', $listener)[0];
        }
        return is_array($listener) ? (is_object($listener[0]) ? get_class($listener[0]) : $listener[0]) : get_class($listener);
    }
}
