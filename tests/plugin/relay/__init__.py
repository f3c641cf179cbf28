"""The relay: Moodle is told of what Greffe changed, as if its own code had done it."""
