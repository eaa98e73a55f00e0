"""PDF files: characters with their places, columns, lines, and blocks made of them."""
