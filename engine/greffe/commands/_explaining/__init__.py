"""Why one person is in a course, or is not: what is known of him, the links that this makes, and the ways they belong to."""
