"""Desired minus actual is a plan; the guards judge it."""
