"""What stands in Moodle and why: participants, explanations, what changed. Reads only."""
