"""The plugin in a real Moodle."""
