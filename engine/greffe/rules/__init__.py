"""Codes to targets."""
