"""Models that run on this machine: which there are, how they get here, and where they lie."""
