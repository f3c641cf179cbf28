"""One plain function per command: the library's front door."""
