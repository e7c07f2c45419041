"""Open311 as its clients speak it: GeoReport v2 and service request updates, over the same cases, commands and rights."""
