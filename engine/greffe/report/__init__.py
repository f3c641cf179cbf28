"""What people see: terminal, HTML, JSON."""
