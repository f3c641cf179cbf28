<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\check;

use core\check\check;
use core\check\result;
use local_greffe\health\register;

/**
 * A check of the register: a question that has an answer in one line, and leads to the health page.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
abstract class base extends check {
    /**
     * A check.
     *
     * @param register $register what it looks at; checks that are made together share it
     */
    public function __construct(
        /** @var register what it looks at */
        protected readonly register $register,
    ) {
    }

    /**
     * All checks of the register, on the same reading of it, in the order in which people should look.
     *
     * @param register $register the reading
     * @return self[]
     */
    public static function all(register $register): array {
        return [
            new night($register), new guard($register), new feeds($register), new relay($register), new drift($register),
            new tables($register),
        ];
    }

    /**
     * Where to look.
     *
     * @return \action_link|null
     */
    public function get_action_link(): ?\action_link {
        return new \action_link(new \moodle_url('/local/greffe/index.php'), get_string('health', 'local_greffe'));
    }

    /**
     * The answer; a register that cannot be read is one too.
     *
     * @return result
     */
    final public function get_result(): result {
        try {
            return $this->look();
        } catch (\Throwable $e) {
            // One that breaks must not take along the others, nor those of other plugins.
            return new result(result::UNKNOWN, get_string('unreadable', 'local_greffe'), s($e->getMessage()));
        }
    }

    /**
     * Look at the register.
     *
     * @return result
     */
    abstract protected function look(): result;

    /**
     * An answer in words of the plugin.
     *
     * @param string $status one of the statuses of a result
     * @param string $text key of the text
     * @param mixed $a what it needs
     * @return result
     */
    protected function answer(string $status, string $text, mixed $a = null): result {
        return new result($status, s(get_string($text, 'local_greffe', $a)));
    }
}
