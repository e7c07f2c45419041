"""The queues: what waits for whom, the most pressing first."""
