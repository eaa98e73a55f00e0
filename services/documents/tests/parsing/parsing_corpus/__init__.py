"""Files made by code at test time: clean ones, of which is known what they say, and hostile ones."""
