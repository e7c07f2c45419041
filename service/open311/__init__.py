"""Open311 (GeoReport v2, with service request updates): the same cases, commands and rights in that standard's words."""
