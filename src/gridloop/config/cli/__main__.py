"""So that the supervisor can start `python -m gridloop.config.cli` whatever is on the PATH."""

from gridloop.config.cli import main

main()
