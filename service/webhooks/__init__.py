"""Webhooks: other systems are told what happened, signed, in order, until they have it."""
