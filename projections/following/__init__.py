"""Following the log: a batch is folded, and its rows are written with how far it got, in one commit."""
