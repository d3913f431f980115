"""What is known of a function’s traffic: files that say so, and how to obtain them."""
