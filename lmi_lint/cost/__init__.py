"""What a function costs today and on managed instances."""
