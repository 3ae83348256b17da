"""Other people's documents by the million: rows as long as real ones, which nobody opens.

Eight documents a patient, and a few patients with two thousand. Written by the server itself, its
foreign keys and triggers asleep, since only the size of tables and indexes matters here.
"""

import psycopg
from sqlalchemy.engine import make_url

from backend.storage.embedded import ADMINISTRATOR
from benchmarks.service import Place

EACH = 8
LOGINS = 12
"""Of each patient: one a document, and some more."""
OPENED = 0.8
"""Share of the documents that were opened."""
HEAVY_EACH = 2_000
"""Documents of the few patients who have many: one document in fifty is theirs."""

SETUP = """
SET session_replication_role = replica;
SET synchronous_commit = off;
CREATE OR REPLACE FUNCTION noise(length int) RETURNS bytea LANGUAGE sql VOLATILE AS
    $$ SELECT substr(decode(repeat(md5(random()::text), length / 16 + 1), 'hex'), 1, length) $$;
CREATE TABLE IF NOT EXISTS bench_owner (place int PRIMARY KEY, id uuid);
CREATE TABLE IF NOT EXISTS bench_document (
    id uuid, version_id uuid, record_id uuid, at timestamptz, structure_id uuid, client_id uuid
);
TRUNCATE bench_document;
INSERT INTO bench_owner SELECT n, gen_random_uuid()
    FROM generate_series((SELECT coalesce(max(place), 0) + 1 FROM bench_owner), {owners}) n;
INSERT INTO record (id, state, wrapped_key, created_at, mask_all, emergency_allowed)
    SELECT id, 'actif', noise(60), now(), false, true FROM bench_owner ON CONFLICT DO NOTHING;
INSERT INTO identity (id, record_id, ins_index, status, sealed_traits)
    SELECT gen_random_uuid(), id, noise(32), 'QUAL', noise(220) FROM bench_owner
    ON CONFLICT DO NOTHING;
INSERT INTO account (id, record_id, state, identifier_index, password_hash, sealed_email,
        preferred, created_at)
    SELECT id, id, 'actif', noise(32), encode(noise(72), 'base64'), noise(70), 'email', now()
    FROM bench_owner ON CONFLICT DO NOTHING;
INSERT INTO login (id, account_id, at)
    SELECT gen_random_uuid(), id, now() - random() * interval '8 years'
    FROM bench_owner, generate_series(1, {logins}) WHERE place > {known};
INSERT INTO bench_document
    SELECT gen_random_uuid(), gen_random_uuid(), bench_owner.id,
           now() - random() * interval '8 years', client.structure_id, client.id
    FROM generate_series({first}, {last}) n
    JOIN bench_owner
      ON place = CASE WHEN n % 50 = 0 THEN 1 + n / 50 / {heavy} ELSE 1 + n / {each} END
    CROSS JOIN (SELECT id, structure_id FROM machine_client LIMIT 1) client;
"""
ROWS = """
INSERT INTO document (id, record_id, structure_id, set_index, type_code, status, deposited_at,
        dated_on, version_id, masked, withheld, hidden_from_guardians, visibility_number,
        visibility_mac)
    SELECT id, record_id, structure_id, noise(32), '11502-2', 'current', at, at, version_id,
           false, false, false, 0, noise(32) FROM bench_document;
INSERT INTO version (id, record_id, document_id, number, unique_index, sha256, size, received_at,
        partial, sealed_summary, sealed_report, sealed_words, file_key, pages_state, page_count)
    SELECT version_id, record_id, id, 1, noise(32), noise(32), 300000, at, false, noise(420),
           noise(1500), noise(700), version_id::text, 'ready', 2 FROM bench_document;
INSERT INTO result (id, record_id, document_id, version_id, position, analyte, dated_on, sealed)
    SELECT gen_random_uuid(), record_id, id, version_id, n, noise(16), at, noise(330)
    FROM bench_document, generate_series(0, 3) n;
INSERT INTO stored_file (id, record_id, version_id, part, number, media_type, file_key,
        sealed_facts)
    SELECT gen_random_uuid(), record_id, version_id, part, number, media_type,
           version_id || '/' || part || number, noise(facts)
    FROM bench_document,
         (VALUES ('pdf', 1, 'application/pdf', 80),
                 ('page-small', 1, 'image/webp', 80), ('page-small', 2, 'image/webp', 80),
                 ('page-large', 1, 'image/webp', 1200), ('page-large', 2, 'image/webp', 600)
         ) file (part, number, media_type, facts);
INSERT INTO opening (account_id, version_id, at)
    SELECT record_id, version_id, at FROM bench_document WHERE random() < {opened};
INSERT INTO visibility_change (id, record_id, document_id, number, at, actor_kind, actor_id,
        masked, withheld, hidden_from_guardians)
    SELECT gen_random_uuid(), record_id, id, 0, at, 'Machine', client_id, false, false, false
    FROM bench_document;
INSERT INTO notice (id, record_id, document_id, kind, at)
    SELECT gen_random_uuid(), record_id, id, 'new', at FROM bench_document;
INSERT INTO outbox (id, dedupe_key, job, state, created_at, due_at, attempts, error, done_at)
    SELECT gen_random_uuid(), 'tell/' || version_id, noise(180), 'done', at, at, 1,
           '', at FROM bench_document;
INSERT INTO receipt (id, message_index, client_id, number, version_id, action, at)
    SELECT gen_random_uuid(), noise(32), client_id, version_id::text, version_id, 'new', at
    FROM bench_document;
INSERT INTO trace_head (lane, number, hash, mac)
    SELECT DISTINCT record_id, 1, noise(32), noise(32) FROM bench_document
    ON CONFLICT DO NOTHING;
INSERT INTO trace (id, lane, number, at, actor_kind, actor_id, action, allowed, record_id,
        thing_id, reason, hash)
    SELECT gen_random_uuid(), record_id, {first} + row_number() OVER (), at, 'Machine', client_id,
           'document:deposit', true, record_id, id, '', noise(32) FROM bench_document;
"""


def fill(where: Place, first: int, last: int) -> None:
    """Documents number `first` to `last`."""
    values: dict[str, float] = {"first": first, "last": last, "owners": last // EACH + 1}
    values |= {"each": EACH, "heavy": HEAVY_EACH, "logins": LOGINS, "opened": OPENED}
    values["known"] = (first - 1) // EACH + 1 if first > 1 else 0
    with psycopg.connect(
        host=where.socket, user=ADMINISTRATOR, dbname=where.database, autocommit=True
    ) as connection:
        connection.execute(SETUP.format(**values).encode())
        connection.execute(ROWS.format(**values).encode())
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def clone(where: Place, name: str) -> str:
    """The address of a copy of the database as it stands; nobody may be using it."""
    with psycopg.connect(host=where.socket, user=ADMINISTRATOR, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE {where.database} OWNER reperes".encode()
        )
    return make_url(where.database_url).set(database=name).render_as_string(hide_password=False)
