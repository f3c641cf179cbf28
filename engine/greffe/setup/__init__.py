"""What Greffe needs on a machine beside the package: an account, directories, units, a manual page; for one site at a time."""
