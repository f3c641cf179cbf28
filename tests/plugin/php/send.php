<?php
// The task that sends one message, in this very process: cron may start others, which a test could not kill in the middle. Arguments:
// the message and, if another plugin's observer is to break at somebody's notification, how (open: it leaves a transaction open,
// error, exit) and his username.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');

/** Breaks. */
final class breaking {
    /** @var int for whom */
    public static int $userid;
    /** @var string how */
    public static string $way;

    /** An observer of notifications. */
    public static function event(\core\event\base $event): void {
        global $DB;
        if ((int) $event->relateduserid === self::$userid) {
            match (self::$way) {
                'open' => $DB->start_delegated_transaction(),
                'error' => throw new TypeError('wrong type'),
                'exit' => exit(1),
            };
        }
    }
}

[, $message, breaking::$way, $username] = $argv + [2 => '', 3 => ''];
\core\cron::setup_user();
if (breaking::$way !== '') {
    breaking::$userid = $DB->get_field('user', 'id', ['username' => $username], MUST_EXIST);
    \core\event\manager::get_all_observers();
    $observers = new ReflectionProperty(\core\event\manager::class, 'allobservers');
    $observers->setAccessible(true);
    $all = $observers->getValue();
    $mine = ['callable' => 'breaking::event', 'includefile' => null, 'internal' => true, 'priority' => 9, 'plugin' => 'x', 'plugintype' => 'x'];
    $all['\core\event\notification_sent'] = [(object) $mine];
    $observers->setValue(null, $all);
}
$task = new \local_greffe\task\send_message();
$task->set_custom_data(['message' => (int) $message]);
$task->execute();
echo $DB->is_transaction_started() ? 'open' : 'done';
