<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\messages;

use core\message\message;
use local_greffe\allowance;
use local_greffe\kept;
use local_greffe\primary;
use local_greffe\relay\teller;

/**
 * One message on its way: to whom it still goes, and what became of it so far.
 *
 * The row is brought up to date after each person, so that a kill repeats one at most and forgets nobody.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class sending {
    /** How many failures are kept one by one. */
    private const MOST_FAILURES = 100;

    /** @var \stdClass its row of local_greffe_message */
    private \stdClass $row;
    /** @var \stdClass the course */
    private \stdClass $course;
    /** @var \stdClass the sender's account */
    private \stdClass $sender;
    /** @var array[] whom it did not reach: user and why */
    private array $failures;

    /** @var int to whom it is being sent; 0 for nobody */
    private int $sending = 0;

    /** @var bool whether the process was asked to end */
    private bool $asked = false;

    /**
     * A message.
     *
     * @param \stdClass $row its row
     */
    private function __construct(\stdClass $row) {
        $this->row = $row;
        $this->failures = kept::rows(kept::all($row->failures), ['user' => 'int', 'why' => 'string']);
    }

    /**
     * The message of this number, unless there is none or it has been dealt with.
     *
     * @param int $id its number
     * @return self|null
     */
    public static function of(int $id): ?self {
        global $DB;
        $row = primary::read(fn() => $DB->get_record('local_greffe_message', ['id' => $id]));
        return $row && in_array($row->state, ['queued', 'sending']) ? new self($row) : null;
    }

    /**
     * Send it to those who have not had it, as long as there is time.
     *
     * @param allowance $time for it
     * @return bool whether it is done
     */
    public function go_on(allowance $time): bool {
        if ($refusal = $this->refusal()) {
            $this->save(['state' => 'refused', 'error' => $refusal, 'recipients' => null, 'timeended' => time()]);
            return true;
        }
        \core_shutdown_manager::register_function([$this, 'give_up']);
        \core_shutdown_manager::register_signal_handler(fn() => $this->asked = true);
        $this->save(['state' => 'sending', 'timestarted' => $this->row->timestarted ?: time()]);
        foreach ($this->left() as $userid) {
            if ($time->is_over()) {
                return false;
            }
            $this->send($userid);
        }
        // Who they were is nobody's business any more.
        $this->save(['state' => 'sent', 'recipients' => null, 'timeended' => time()]);
        return true;
    }

    /**
     * Why it may not be sent; empty where it may. Asked anew each time: a right can be taken away while a message waits.
     *
     * @return string
     */
    private function refusal(): string {
        global $DB;
        $course = $DB->get_record('course', ['id' => $this->row->courseid]);
        $sender = \core_user::get_user($this->row->userid);
        if (!$course) {
            return get_string('message:nocourse', 'local_greffe');
        }
        if (!$sender || $sender->deleted || $sender->suspended) {
            return get_string('message:nosender', 'local_greffe');
        }
        if (!has_capability('local/greffe:sendmessage', \context_course::instance($course->id), $sender)) {
            return get_string('message:maynot', 'local_greffe');
        }
        [$this->course, $this->sender] = [$course, $sender];
        return '';
    }

    /**
     * Whom it still goes to, each once and in ascending order: what is before the position has been dealt with.
     *
     * @return int[]
     */
    private function left(): array {
        $recipients = array_unique(array_filter(kept::all($this->row->recipients), 'is_int'));
        sort($recipients);
        return array_filter($recipients, fn($id) => $id > $this->row->position);
    }

    /**
     * Send it to one person who is still in the course.
     *
     * @param int $userid the account
     */
    private function send(int $userid): void {
        $this->sending = $userid;
        $this->settle($userid, $this->failure_of($userid));
        $this->sending = 0;
    }

    /**
     * The process ends in the middle of one person, by a fatal error or an `exit` of another plugin: he is not tried again, for he
     * would hear it each time, and those behind him never. After a kill or a polite signal he is.
     */
    public function give_up(): void {
        if ($this->sending && !$this->asked) {
            self::close_transaction();
            $this->settle($this->sending, 'send');
        }
    }

    /**
     * Note what became of one person.
     *
     * @param int $userid the account
     * @param string $failure why it did not reach him; empty where it did
     */
    private function settle(int $userid, string $failure): void {
        $changes = ['position' => $userid];
        if ($failure === '') {
            $changes['sent'] = $this->row->sent + 1;
        } else {
            if (count($this->failures) < self::MOST_FAILURES) {
                $this->failures[] = ['user' => $userid, 'why' => $failure];
            }
            $changes += ['failed' => $this->row->failed + 1, 'failures' => json_encode($this->failures)];
        }
        $this->save($changes);
    }

    /**
     * Try one person; why it did not work, empty where it did.
     *
     * @param int $userid the account
     * @return string
     */
    private function failure_of(int $userid): string {
        $user = \core_user::get_user($userid);
        if (!$user || $user->deleted || $user->suspended) {
            return 'account';
        }
        $context = \context_course::instance($this->course->id);
        if (!is_enrolled($context, $user, '', true)) {
            return 'left';
        }
        try {
            return message_send($this->message_to($user, $context)) ? '' : 'send';
        } catch (\Throwable $e) {
            mtrace("Message {$this->row->id} to user $userid: " . $e->getMessage());
            teller::free_dispatcher();
            return 'send';
        } finally {
            self::close_transaction();
        }
    }

    /**
     * What an observer left open must not take along what is noted after it, nor keep Moodle from sending to the next person.
     */
    private static function close_transaction(): void {
        global $DB;

        if ($DB->is_transaction_started()) {
            $DB->force_transaction_rollback();
        }
    }

    /**
     * What one person gets.
     *
     * @param \stdClass $user the person
     * @param \context $context of the course
     * @return message
     */
    private function message_to(\stdClass $user, \context $context): message {
        $format = (int) $this->row->bodyformat;
        $html = format_text($this->row->body, $format, ['context' => $context]);
        $message = new message();
        $message->component = 'local_greffe';
        $message->name = 'coursemessage';
        $message->notification = 1;
        $message->courseid = $this->course->id;
        $message->userfrom = $this->sender;
        $message->userto = $user;
        $message->subject = $this->row->subject;
        $message->fullmessage = $format == FORMAT_HTML ? html_to_text($html) : $this->row->body;
        $message->fullmessageformat = FORMAT_PLAIN;
        $message->fullmessagehtml = $html;
        $message->smallmessage = $this->row->subject;
        $message->contexturl = (new \moodle_url('/course/view.php', ['id' => $this->course->id]))->out(false);
        $message->contexturlname = format_string($this->course->fullname, true, ['context' => $context, 'escape' => false]);
        return $message;
    }

    /**
     * Bring the row up to date.
     *
     * @param array $changes columns and their values
     */
    private function save(array $changes): void {
        global $DB;
        foreach ($changes as $column => $value) {
            $this->row->$column = $value;
        }
        $DB->update_record('local_greffe_message', (object) (['id' => $this->row->id] + $changes));
    }
}
