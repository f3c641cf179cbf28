"""Audits: what should not be in Moodle's tables, asked by the statements of ``sql/audit``."""
