"""What goes out: cases as tables, as lines, as an event log for process mining; one case with all its proofs."""
