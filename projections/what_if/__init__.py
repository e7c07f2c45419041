"""The past under another policy."""
