"""The people's-condition database: households, their helpers, visits, benefits and notices; and the programmes they join."""
