"""The plan of one night: feeds read, Moodle compared, the guards asked; nothing is written."""
