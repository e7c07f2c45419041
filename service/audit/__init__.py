"""What an auditor checks: who read what, that nothing was changed, that whoever was erased is gone."""
