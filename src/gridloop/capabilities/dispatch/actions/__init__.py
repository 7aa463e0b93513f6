"""The only writers of dispatch."""
