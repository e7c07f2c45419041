"""The people's-condition database: households, their helpers, visits and benefits, and whom one must visit."""
