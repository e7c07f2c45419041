"""HTTP: how a request comes in, is read, and is answered."""
