"""What people fill in on the pages of the call-out."""
