"""Registrations in: readers and their tests."""
