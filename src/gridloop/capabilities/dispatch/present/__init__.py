"""What the pages of dispatch show, as data."""
