CREATE TABLE IF NOT EXISTS evertoken_records (key TEXT PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS evertoken_records_by_end ON evertoken_records (expires_at);
