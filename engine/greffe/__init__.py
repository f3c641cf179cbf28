"""Greffe keeps who belongs in which Moodle course in step with the university's student records."""

__version__ = "0.1.0"
