"""The record: orders come in, events are decided, written down in order, and never changed."""
