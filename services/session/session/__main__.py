"""python -m session"""

from session.cli import main

main()
