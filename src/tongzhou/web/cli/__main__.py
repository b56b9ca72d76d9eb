"""`python -m tongzhou.web.cli`: the same as the program `tongzhou`."""

from . import main

main()
