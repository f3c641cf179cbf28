<?php
// The relay's task with one observer more, as another plugin would bring it: it notes each event in a file and, if asked to,
// breaks. Arguments: the file, and how to break: nothing, exception, error, transaction, open, exit, meanwhile, hook.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');

/** Notes, and breaks. */
final class observed {
    /** @var string the file */
    public static string $file;
    /** @var string how to break */
    public static string $break;

    /** An observer of all events. */
    public static function event(\core\event\base $event): void {
        global $DB;
        $what = [$event->eventname, $event->objectid, $event->courseid, $event->relateduserid];
        file_put_contents(self::$file, json_encode($what) . "\n", FILE_APPEND);
        if ($event->eventname !== '\core\event\user_enrolment_created') {
            return;
        }
        match (self::$break) {
            'exception' => throw new moodle_exception('error', '', '', null, 'Ada Lovelace is broken'),
            'error' => throw new TypeError('wrong type'),
            'transaction' => $DB->start_delegated_transaction() && throw new moodle_exception('error'),
            'open' => $DB->start_delegated_transaction(),
            'exit' => exit(0),
            'meanwhile' => self::meanwhile(),
            default => null,
        };
    }

    /** It takes its time once, and the last person's roles are taken away by hand meanwhile. */
    private static function meanwhile(): void {
        global $DB;
        self::$break = '';
        sleep(3);
        $DB->delete_records('role_assignments', ['userid' => $DB->get_field_sql('SELECT MAX(userid) FROM {role_assignments}')]);
    }

    /** A listener. */
    public static function hook(object $hook): void {
        file_put_contents(self::$file, json_encode([get_class($hook)]) . "\n", FILE_APPEND);
        if (self::$break === 'hook') {
            throw new RuntimeException('broken');
        }
    }
}

[, observed::$file, observed::$break] = $argv + [2 => ''];
\core\cron::setup_user();
\core\event\manager::get_all_observers();
$observers = new ReflectionProperty(\core\event\manager::class, 'allobservers');
$observers->setAccessible(true);
$all = $observers->getValue();
$ours = ['callable' => 'observed::event', 'includefile' => null, 'internal' => true, 'priority' => 9, 'plugin' => 'x', 'plugintype' => 'x'];
array_unshift($all['\core\event\base'], (object) $ours);
$observers->setValue(null, $all);
$hooks = \core\di::get(\core\hook\manager::class);
$callbacks = new ReflectionProperty($hooks, 'allcallbacks');
$callbacks->setAccessible(true);
$known = $callbacks->getValue($hooks);
foreach (['core_enrol\hook\after_user_enrolled', 'core\hook\access\after_role_assigned'] as $name) {
    $mine = ['callback' => 'observed::hook', 'component' => 'local_greffe', 'disabled' => false, 'priority' => 900];
    array_unshift($known[$name], $mine);
}
$callbacks->setValue($hooks, $known);
echo "ready\n";
\core\task\manager::get_scheduled_task('\local_greffe\task\relay')->execute();
echo "done\n";
