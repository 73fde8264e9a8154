-- Least privilege on PostgreSQL. Run once per database as its owner, after the first start:
--     psql -d smartretail360 -f core/db/migrations/roles.sql
-- Log-in users are granted one of these: GRANT sr360_indexer TO "indexer";
-- `chain` has one writer, the indexer; nobody but the services that own the facts writes `app`.

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['sr360_indexer', 'sr360_service', 'sr360_auditor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA chain, app FROM PUBLIC;

-- Every service looks up at its start whether the schema is current.
GRANT USAGE ON SCHEMA chain, app TO sr360_indexer, sr360_service, sr360_auditor;
GRANT SELECT ON chain.schema_version, app.schema_version TO sr360_indexer, sr360_auditor;

-- The indexer mirrors the chain and reads nothing of `app`.
-- With SR360_DB__PARTITION_BLOCKS it also adds partitions, which takes the owner of chain's tables.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA chain TO sr360_indexer;
ALTER DEFAULT PRIVILEGES IN SCHEMA chain
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sr360_indexer;

-- API, oracle and forecasting read the mirror and keep their own records.
GRANT SELECT ON ALL TABLES IN SCHEMA chain TO sr360_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO sr360_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO sr360_service;
REVOKE UPDATE, DELETE ON app.audit_entry FROM sr360_service;
ALTER DEFAULT PRIVILEGES IN SCHEMA chain GRANT SELECT ON TABLES TO sr360_service;
ALTER DEFAULT PRIVILEGES IN SCHEMA app
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sr360_service;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT USAGE ON SEQUENCES TO sr360_service;

-- `sr360 verify` only reads, and only the mirror.
GRANT SELECT ON ALL TABLES IN SCHEMA chain TO sr360_auditor;
ALTER DEFAULT PRIVILEGES IN SCHEMA chain GRANT SELECT ON TABLES TO sr360_auditor;
