"""HTTP routes: each module one dialect."""
