"""The rulebook as a spreadsheet: what its sheets hold, how they are read, compared and written."""
