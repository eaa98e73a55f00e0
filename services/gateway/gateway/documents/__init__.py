"""What clients do with documents: upload them, look at what was found, and hold an interview about them."""
