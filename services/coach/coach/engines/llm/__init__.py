"""The coach as a language model: a reference first, then one criterion at a time, and code for all numbers."""
