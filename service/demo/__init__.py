"""A district to look at: Hanbin's towns and villages, and ninety days in which everybody and everything is invented."""
