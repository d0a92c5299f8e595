-- Schema 1 of records.db. Ids are raw bytes: records and items 16 (UUID), hashes 32.
-- `revision`, `attachment`, `identity`, `contact`, `setting`, `received`, `sent`, `compartment` and
-- `purged` are the truth; `record`, `link` and `search` are projections that can be rebuilt.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    record BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX revision_of_record ON revision (record);

-- Which signed bundles brought a revision; none for what was written here.
CREATE TABLE revision_origin (
    revision BLOB NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (revision, received)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    type TEXT NOT NULL,
    title TEXT NOT NULL,
    earliest TEXT,
    latest TEXT,
    deleted INTEGER NOT NULL,
    conflicts INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;
CREATE INDEX record_by_type ON record (deleted, type, number);
-- Ends in the row's number, as every index does: the newest of all types without sorting.
CREATE INDEX record_by_state ON record (deleted);

CREATE TABLE link (
    source BLOB NOT NULL,
    path TEXT NOT NULL,
    target BLOB NOT NULL,
    PRIMARY KEY (source, path, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_to ON link (target);

CREATE VIRTUAL TABLE search USING fts5 (
    text, content = '', columnsize = 0, prefix = '4', tokenize = 'ascii'
);

CREATE TABLE attachment (
    number INTEGER PRIMARY KEY,
    v INTEGER NOT NULL,
    file TEXT NOT NULL UNIQUE,
    key BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'present', 'going'))
) STRICT;
CREATE INDEX attachment_by_content ON attachment (sha256);

CREATE TABLE draft (
    record BLOB PRIMARY KEY,
    type TEXT NOT NULL,
    saved_ms INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE purged (
    id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE compartment (
    id BLOB PRIMARY KEY,
    current INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    wrapped BLOB NOT NULL
) STRICT;

CREATE TABLE identity (
    number INTEGER PRIMARY KEY,
    current INTEGER NOT NULL,
    name TEXT NOT NULL,
    signing_key BLOB NOT NULL,
    signing_seed BLOB NOT NULL,
    x25519_secret BLOB NOT NULL,
    post_quantum_seed BLOB NOT NULL
) STRICT;

CREATE TABLE contact (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    added_ms INTEGER NOT NULL,
    card BLOB NOT NULL
) STRICT;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE received (
    number INTEGER PRIMARY KEY,
    bundle BLOB NOT NULL,
    kind TEXT NOT NULL,
    signer BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    previous BLOB NOT NULL,
    manifest BLOB NOT NULL UNIQUE,
    received_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE sent (
    number INTEGER PRIMARY KEY,
    recipients BLOB NOT NULL,
    bundle BLOB NOT NULL,
    kind TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    manifest BLOB NOT NULL,
    sent_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX sent_to ON sent (recipients, sequence);

-- The ids that a partner knows our records, items and derived revisions by.
CREATE TABLE alias (
    recipients BLOB NOT NULL,
    original BLOB NOT NULL,
    alias BLOB NOT NULL,
    PRIMARY KEY (recipients, original)
) STRICT, WITHOUT ROWID;

CREATE TABLE derived (
    recipients BLOB NOT NULL,
    record BLOB NOT NULL,
    revisions BLOB NOT NULL,
    paths TEXT NOT NULL,
    PRIMARY KEY (recipients, record)
) STRICT, WITHOUT ROWID;

-- The local chain: every row of the truth, as it was each time it was written.
CREATE TABLE log (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    row BLOB NOT NULL,
    head BLOB NOT NULL
) STRICT;
CREATE INDEX log_of_row ON log (kind, key, number);
