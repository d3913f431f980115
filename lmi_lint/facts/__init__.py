"""Facts: what one file says, flat, typed and independent of every other file."""
