"""What each enrolment method means."""
