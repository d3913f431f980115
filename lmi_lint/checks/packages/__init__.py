"""Rules on what functions are deployed with: packages, extensions and layers; one module per rule."""
