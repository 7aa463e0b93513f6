"""Rooms and meetings as their pages, papers and files show them."""
