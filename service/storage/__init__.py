"""Where everything lies: the database and its tables, on SQLite and PostgreSQL alike."""
