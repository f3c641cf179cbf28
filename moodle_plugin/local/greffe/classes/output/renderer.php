<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\output;

/**
 * Each page is a template of the same name.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class renderer extends \plugin_renderer_base {
    /**
     * Any page of the plugin.
     *
     * @param \templatable $page the page
     * @return string HTML
     */
    public function page(\templatable $page): string {
        $name = (new \ReflectionClass($page))->getShortName();
        return $this->render_from_template("local_greffe/$name", $page->export_for_template($this));
    }
}
