"""What goes out: cases as tables for offices, lines for programs, an event log for process mining; one with all its proofs."""
