"""What an auditor checks: who read what, that nothing was changed, that whom one erased is gone."""
