"""Greffe's tests."""
