"""The demonstration: an embedded database, a sample university, three nights."""
