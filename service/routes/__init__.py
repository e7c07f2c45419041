"""The routes: what may be asked over HTTP, one file a resource."""
