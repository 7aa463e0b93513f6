"""The pages of rooms and meetings."""
