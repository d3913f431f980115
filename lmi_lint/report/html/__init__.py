"""Reports as one HTML page that loads nothing."""
