"""What the core prints: labels, letters, packing lists, forms. Pure: rows in, bytes out."""
