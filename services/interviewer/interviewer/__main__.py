"""python -m interviewer"""

from interviewer.main import main

main()
