"""How the record is told: as a state, a history, an explanation, a sentence."""
