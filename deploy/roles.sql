-- Three roles of PostgreSQL, for a database that the portal has migrated. Run by a superuser in that database, once
-- and again after every upgrade; running it twice changes nothing.
--
--   portal_owner    owns the tables and migrates; nothing else signs in as it
--   portal_app      web, worker and beat: no change to what only grows, no TRUNCATE, no trigger taken off
--   portal_auditor  reads everything but secrets
--
-- Passwords are not set here: \password portal_app, and so on. DATABASE_URL of `migrate` names portal_owner, that of
-- all others portal_app. Back up as portal_owner.

DO $roles$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['portal_owner', 'portal_app', 'portal_auditor'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', role);
    END IF;
  END LOOP;
END
$roles$;

-- The owner has the schema and everything in it.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO portal_owner;
GRANT USAGE ON SCHEMA public TO portal_app, portal_auditor;

DO $owned$
DECLARE
  thing record;
BEGIN
  FOR thing IN
    SELECT c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')
  LOOP
    EXECUTE format('ALTER TABLE public.%I OWNER TO portal_owner', thing.relname);
  END LOOP;
  FOR thing IN
    SELECT p.proname, pg_get_function_identity_arguments(p.oid) AS arguments
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('ALTER FUNCTION public.%I(%s) OWNER TO portal_owner', thing.proname, thing.arguments);
  END LOOP;
END
$owned$;

-- The portal at work.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portal_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO portal_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM portal_app;

-- What only grows is known by its guards: a table with a guard against every UPDATE, and one with a guard against
-- DELETE, lose that right as well. Two locks on one door, of which the owner of the key holds neither.
DO $growing$
DECLARE
  guard record;
BEGIN
  FOR guard IN
    SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgqual IS NULL
      AND t.tgname IN ('guard_' || c.relname || '_update', 'guard_' || c.relname || '_delete')
  LOOP
    IF guard.tgname LIKE '%\_update' THEN
      EXECUTE format('REVOKE UPDATE ON public.%I FROM portal_app', guard.relname);
    ELSE
      EXECUTE format('REVOKE DELETE ON public.%I FROM portal_app', guard.relname);
    END IF;
  END LOOP;
END
$growing$;

-- The auditor reads every column but secrets.
DO $audited$
DECLARE
  found record;
BEGIN
  FOR found IN
    SELECT c.relname,
           string_agg(quote_ident(a.attname), ', ') AS readable
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
      AND a.attname NOT LIKE 'sealed\_%'
      AND a.attname NOT IN ('password', 'digest', 'secret', 'secrets', 'session_key', 'session_data', 'private_key',
                            'key_material', 'token_secret', 'access_token', 'refresh_token')
      AND c.relname NOT IN ('django_session', 'mfa_authenticator', 'socialaccount_socialtoken', 'socialaccount_socialapp')
    GROUP BY c.relname
  LOOP
    EXECUTE format('GRANT SELECT (%s) ON public.%I TO portal_auditor', found.readable, found.relname);
  END LOOP;
END
$audited$;
