"""How fast the house is, measured on real processes; run by `make bench`, never as a test."""
