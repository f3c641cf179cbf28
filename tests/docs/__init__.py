"""The documentation: its generated pages, its links, and every command that it shows, run."""
