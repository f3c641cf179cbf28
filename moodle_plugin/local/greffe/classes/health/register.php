<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

/**
 * The register as it is at one moment, for pages, checks and the endpoint; everything is read once, and only when asked for.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class register {
    /** @var int the moment */
    public readonly int $now;
    /** @var array what was read, by name */
    private array $read = [];

    /**
     * The register.
     *
     * @param int|null $now the moment; null for now
     */
    public function __construct(?int $now = null) {
        $this->now = $now ?? time();
    }

    /**
     * The last night; null before the first.
     *
     * @return run|null
     */
    public function night(): ?run {
        return $this->once('night', fn() => runs::last_night());
    }

    /**
     * The last night that ended well; null where there is none.
     *
     * @return run|null
     */
    public function good(): ?run {
        return $this->once('good', fn() => runs::last_good());
    }

    /**
     * The last night that has ended; null where there is none.
     *
     * @return run|null
     */
    public function ended(): ?run {
        $night = $this->night();
        return $night && $night->ended ? $night : $this->once('ended', fn() => runs::last_ended());
    }

    /**
     * What the last night that read feeds saw of each, by name.
     *
     * @return feed[]
     */
    public function feeds(): array {
        $night = $this->night();
        return $night?->feeds ?: ($this->once('reading', fn() => runs::last_reading())?->feeds ?? []);
    }

    /**
     * People who wait for an account, by feed; feeds of the last night are there even where nobody waits.
     *
     * @return int[]
     */
    public function waiting(): array {
        return $this->once('waiting', fn() => waiting::by_feed()) + array_fill_keys(array_keys($this->feeds()), 0);
    }

    /**
     * Changes that Moodle has not been told of.
     *
     * @return backlog
     */
    public function backlog(): backlog {
        return $this->once('backlog', fn() => new backlog($this->now));
    }

    /**
     * The latest row of each audit.
     *
     * @return \stdClass[]
     */
    public function findings(): array {
        return $this->once('findings', fn() => findings::latest());
    }

    /**
     * Version of Greffe's own tables as they are; empty before the engine has used them.
     *
     * @return string
     */
    public function schema(): string {
        return $this->once('schema', function () {
            global $DB;
            return (string) $DB->get_field('local_greffe_meta', 'value', ['name' => 'schema']);
        });
    }

    /**
     * Who let the held plan of the last night pass; null where it is not held, or nobody did.
     *
     * @return \stdClass|null
     */
    public function approval(): ?\stdClass {
        $night = $this->night();
        if (!$night || $night->digest === '' || !($night->is_held() || $night->holds_places())) {
            return null;
        }
        return $this->once('approval', fn() => runs::approval($night->digest, $this->now));
    }

    /**
     * Read something once.
     *
     * @param string $name of what
     * @param callable $read how
     * @return mixed
     */
    private function once(string $name, callable $read): mixed {
        if (!array_key_exists($name, $this->read)) {
            $this->read[$name] = $read();
        }
        return $this->read[$name];
    }
}
