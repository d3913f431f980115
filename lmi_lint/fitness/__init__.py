"""Whether a function belongs on managed instances, and set up how."""
