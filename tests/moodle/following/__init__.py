"""Cohort sync and meta links: what Moodle's own two tasks write, and that Greffe writes the same."""
