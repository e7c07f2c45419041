"""How long each level takes: sums of stays, kept so that no answer looks at each."""
