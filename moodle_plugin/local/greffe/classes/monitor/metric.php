<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\monitor;

/**
 * One metric: a gauge with its samples.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class metric {
    /** @var array[] labels and value of each sample */
    public array $samples = [];

    /**
     * A metric without samples.
     *
     * @param string $name begins with greffe_
     * @param string $help what it means, in one line
     */
    public function __construct(
        /** @var string begins with greffe_ */
        public readonly string $name,
        /** @var string what it means, in one line */
        public readonly string $help,
    ) {
    }

    /**
     * Add a sample.
     *
     * @param int $value the value
     * @param string[] $labels label => text
     * @return self
     */
    public function add(int $value, array $labels = []): self {
        $this->samples[] = [$labels, $value];
        return $this;
    }

    /**
     * In the text format of Prometheus; nothing where there is no sample.
     *
     * @return string
     */
    public function text(): string {
        if (!$this->samples) {
            return '';
        }
        $lines = ["# HELP {$this->name} {$this->help}", "# TYPE {$this->name} gauge"];
        foreach ($this->samples as [$labels, $value]) {
            $pairs = [];
            foreach ($labels as $label => $text) {
                $pairs[] = $label . '="' . strtr($text, ['\\' => '\\\\', '"' => '\\"', "\n" => '\\n']) . '"';
            }
            $lines[] = $this->name . ($pairs ? '{' . implode(',', $pairs) . '}' : '') . " $value";
        }
        return implode("\n", $lines) . "\n";
    }
}
