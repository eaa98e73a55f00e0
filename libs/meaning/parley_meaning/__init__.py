"""What texts mean, as vectors. Pure: no I/O but the weights of an installed package."""

from parley_meaning.cache import Cached
from parley_meaning.counted_words import CountedWords
from parley_meaning.vectors import Encoder, Floats, Vectors, cleaned, readable, unit
from parley_meaning.word_vectors import WordVectors

__all__ = ["Cached", "CountedWords", "Encoder", "Floats", "Vectors", "WordVectors", "cleaned", "readable", "unit"]
