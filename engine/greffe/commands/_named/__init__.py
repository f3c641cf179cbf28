"""What operators name on the command line and what people call things: courses, cohorts, categories, methods."""
