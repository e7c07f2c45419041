"""Personal data under a key per person."""
