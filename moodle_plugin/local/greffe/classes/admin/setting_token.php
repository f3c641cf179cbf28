<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\admin;

use local_greffe\monitor\gate;

/**
 * A secret that Moodle checks but does not keep: only its hash is stored. The field is always empty; left empty, it changes
 * nothing.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class setting_token extends \admin_setting_configpasswordunmask {
    /** Shorter ones could be guessed. */
    public const SHORTEST = 24;

    /**
     * The setting.
     *
     * @param string $name of the setting
     * @param string|\lang_string $visiblename what people call it
     * @param string|\lang_string $description what it is for
     */
    public function __construct($name, $visiblename, $description) {
        parent::__construct($name, $visiblename, $description, '');
    }

    /**
     * What the field shows: nothing, whether there is a token or not.
     *
     * @return string|null null where the setting is new
     */
    public function get_setting() {
        return $this->config_read($this->name) === null ? null : '';
    }

    /**
     * Keep the hash of a new token.
     *
     * @param string $data what was typed
     * @return string what is wrong; empty where nothing is
     */
    public function write_setting($data) {
        $token = trim($data);
        if ($token === '' && $this->get_setting() !== null) {
            return '';
        }
        if ($token !== '' && strlen($token) < self::SHORTEST) {
            return get_string('setting:monitortoken_short', 'local_greffe', self::SHORTEST);
        }
        $kept = $token === '' ? '' : gate::hash($token);
        return $this->config_write($this->name, $kept) ? '' : get_string('errorsetting', 'admin');
    }

    /**
     * The field, and whether a token is set.
     *
     * @param string $data what it shows
     * @param string $query what was searched for
     * @return string
     */
    public function output_html($data, $query = '') {
        $set = (string) $this->config_read($this->name) !== '';
        $this->description = new \lang_string('setting:monitortoken_desc', 'local_greffe') . ' '
            . new \lang_string($set ? 'setting:monitortoken_set' : 'setting:monitortoken_unset', 'local_greffe');
        return parent::output_html($data, $query);
    }
}
