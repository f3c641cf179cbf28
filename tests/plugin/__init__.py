"""The Moodle plugin on living sites."""
