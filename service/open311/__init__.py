"""Open311, GeoReport v2, with its service request updates: the same cases, commands and rights, in the words of that standard."""
