"""People's own question banks: what they may hold, where they are kept, and how they travel as files."""
