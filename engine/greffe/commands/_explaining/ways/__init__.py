"""The ways by which somebody is in a course, or would be: each a chain of links."""
