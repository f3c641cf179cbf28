"""A real Moodle as judge of what Greffe writes."""
