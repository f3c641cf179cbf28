"""Nights on a Galera cluster of three nodes: disturbed at every point, and the same as undisturbed ones in the end."""
