<?php
// The task of arrivals beside another plugin's observer that breaks for one person. Arguments: his username, and how: exception,
// left (a transaction is left open within ours), after (one is left open once ours has ended), exit; '' for not at all.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');

/** Breaks. */
final class broken {
    /** @var int for whom */
    public static int $userid;
    /** @var string how */
    public static string $way;

    /** An observer of all events. */
    public static function event(\core\event\base $event): void {
        global $DB;
        if ($event->eventname !== '\core\event\user_enrolment_created' || (int) $event->relateduserid !== self::$userid) {
            return;
        }
        match (self::$way) {
            '' => null,
            'exception' => throw new TypeError('wrong type'),
            'left', 'after' => $DB->start_delegated_transaction(),
            'exit' => exit(1),
        };
    }
}

[, $username, broken::$way] = $argv;
\core\cron::setup_user();
broken::$userid = $DB->get_field('user', 'id', ['username' => $username], MUST_EXIST);
\core\event\manager::get_all_observers();
$observers = new ReflectionProperty(\core\event\manager::class, 'allobservers');
$observers->setAccessible(true);
$all = $observers->getValue();
$internal = broken::$way !== 'after';
$ours = ['callable' => 'broken::event', 'includefile' => null, 'internal' => $internal, 'priority' => 9, 'plugin' => 'x', 'plugintype' => 'x'];
array_unshift($all['\core\event\base'], (object) $ours);
$observers->setValue(null, $all);
\core\task\manager::get_scheduled_task('\local_greffe\task\arrivals')->execute();
echo $DB->is_transaction_started() ? 'open' : 'done';
