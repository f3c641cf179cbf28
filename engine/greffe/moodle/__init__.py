"""The only room that knows Moodle's tables."""
