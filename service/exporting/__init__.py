"""What goes out: cases as tables for offices, as lines for programs, and as an event log for process mining."""
