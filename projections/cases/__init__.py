"""A case as all others build on it: its row, who may see it, for whom it waits, how it stood."""
