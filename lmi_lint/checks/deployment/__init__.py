"""Rules on configuration: one module per rule."""
