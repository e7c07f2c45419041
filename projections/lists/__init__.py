"""Lists of cases: filtered, searched, in order."""
