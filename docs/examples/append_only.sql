-- Gives both logs to a role of their own: the service, whose role is sanji, may read them and add to them, and nothing else.
-- With the service stopped, once it has made its tables; by the superuser, in the database: psql -d sanji -f append_only.sql

DO $$ BEGIN CREATE ROLE sanji_log NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;

-- who owns the database owns its schema, and may drop whatever lies there
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO sanji_log', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO sanji', current_database());
END $$;
ALTER SCHEMA public OWNER TO sanji_log;
GRANT USAGE, CREATE ON SCHEMA public TO sanji;

ALTER TABLE events OWNER TO sanji_log;
ALTER TABLE access_log OWNER TO sanji_log;
ALTER FUNCTION sanji_append_only() OWNER TO sanji_log;
REVOKE ALL ON events, access_log FROM PUBLIC, sanji;
GRANT SELECT, INSERT ON events, access_log TO sanji;
