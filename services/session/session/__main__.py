"""python -m session"""

from session.main import main

main()
