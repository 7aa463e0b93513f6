"""The only writers of the figures."""
