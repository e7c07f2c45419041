"""The three-tier problem bank: what each tier has, what flows between them, how long it has been waiting."""
