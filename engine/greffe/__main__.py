"""``python -m greffe``."""

from greffe.cli import main

main()
