"""Sheets of cases from elsewhere, and the map file that says what their columns mean."""
