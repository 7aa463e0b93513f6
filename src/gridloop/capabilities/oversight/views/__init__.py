"""Pages of the oversight."""
