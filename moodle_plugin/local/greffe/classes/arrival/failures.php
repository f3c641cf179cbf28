<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\arrival;

use core_cache\cache;
use core_cache\store;

/**
 * Whom the task could not settle within the last day: it leaves them alone for so long, for what breaks once breaks again.
 *
 * A cache keeps it: where that is purged, somebody is tried once more, and nothing else is lost.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class failures {
    /** @var cache account => when it failed */
    private cache $cache;

    /**
     * As they are now.
     */
    public function __construct() {
        $options = ['simplekeys' => true, 'simpledata' => true];
        $this->cache = cache::make_from_params(store::MODE_APPLICATION, 'local_greffe', 'failedarrivals', [], $options);
    }

    /**
     * Those who may be tried.
     *
     * @param int[] $people ids of accounts
     * @return int[]
     */
    public function without(array $people): array {
        $failed = $people ? $this->cache->get_many($people) : [];
        return array_values(array_filter($people, fn($id) => abs(time() - (int) ($failed[$id] ?? 0)) >= DAYSECS));
    }

    /**
     * Somebody could not be settled.
     *
     * @param int $userid
     */
    public function note(int $userid): void {
        $this->cache->set($userid, time());
    }

    /**
     * His account has changed, or he is here: what failed may work now.
     *
     * @param int $userid
     */
    public function forget(int $userid): void {
        $this->cache->delete($userid);
    }
}
