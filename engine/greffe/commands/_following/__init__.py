"""The plan of methods that follow something: cohort sync and course meta links."""
