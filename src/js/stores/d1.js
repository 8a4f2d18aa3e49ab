// JS because D1 is reached through a binding that workerd hands over. Each write is one conditional
// statement, so it needs no transaction around it.

import { has, unsuitable } from "./binding.js";
import { keptUntil } from "./expiry.js";
import { wellFormed } from "./text.js";

/**
 * The table that the store needs, as `d1.sql` beside this file has it, for those who apply it in code:
 * `await db.exec(d1Migration)`, which wants a statement a line. Doing so again changes nothing.
 */
export const d1Migration = `\
CREATE TABLE IF NOT EXISTS evertoken_records (key TEXT PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS evertoken_records_by_end ON evertoken_records (expires_at);
`;

const GET = "SELECT value, version FROM evertoken_records WHERE key = ?1";
const CREATE = "INSERT INTO evertoken_records (key, value, version, expires_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key) DO NOTHING RETURNING version";
const REPLACE = "UPDATE evertoken_records SET value = ?2, version = ?3, expires_at = ?4 WHERE key = ?1 AND version = ?5 RETURNING version";
const DELETE = "DELETE FROM evertoken_records WHERE key = ?1 AND version = ?2 RETURNING version";
// Each new record makes room for itself, so the table holds little that is over, and nobody has to sweep it.
const SWEEP = "DELETE FROM evertoken_records WHERE key IN (SELECT key FROM evertoken_records WHERE expires_at < ?1 ORDER BY expires_at LIMIT 2)";

/**
 * A store in a D1 database. Every query goes to the primary: only what is asked through a session of
 * `withSession()` is ever read from a replica, and such a session is refused.
 * @param {any} db  the binding of the database
 */
export const d1Store = (db) => {
  if (!has(db, "prepare", "batch") || has(db, "getBookmark")) throw unsuitable("d1Store", "the binding of a D1 database", db);

  const statement = (/** @type {string} */ sql, /** @type {unknown[]} */ ...values) => db.prepare(sql).bind(...values);

  const get = async (/** @type {string} */ key) => {
    wellFormed(key);
    const row = await explained(statement(GET, key).first());
    return row ? { value: String(row.value), version: String(row.version) } : null;
  };

  const create = async (/** @type {string} */ key, /** @type {unknown[]} */ ...row) => {
    const [{ results }] = await db.batch([statement(CREATE, key, ...row), statement(SWEEP, Date.now())]);
    return results[0];
  };

  /**
   * The row that was written, where one was.
   * @param {string} key
   * @param {string | null} expected
   * @param {string | null} value
   * @param {string} version
   * @param {number} until
   */
  const write = async (key, expected, value, version, until) => {
    if (value !== null && expected !== null) return statement(REPLACE, key, value, version, until, expected).first();
    if (value !== null) return create(key, value, version, until);
    if (expected !== null) return statement(DELETE, key, expected).first();
    return (await get(key)) ? null : {};
  };

  return Object.freeze({
    capabilities: Object.freeze({ compareAndSet: /** @type {const} */ (true) }),
    get,
    compareAndSet: async (
      /** @type {string} */ key,
      /** @type {string | null} */ expected,
      /** @type {string | null} */ value,
      /** @type {number} */ expiresAt,
    ) => {
      wellFormed(key, value ?? "");
      // Random, so that it is never used twice, not even after the record was deleted and is made anew.
      const version = crypto.randomUUID();
      const written = await explained(write(key, expected, value, version, keptUntil(expiresAt)));
      return written ? /** @type {const} */ ({ ok: true, version }) : /** @type {const} */ ({ ok: false });
    },
  });
};

/**
 * Says what to do about the one mistake that everybody makes once.
 * @template T @param {Promise<T>} answer
 */
const explained = (answer) =>
  answer.catch((cause) => {
    if (!/no such table/.test(String(cause))) throw cause;
    throw new Error("the table evertoken_records is missing: apply the migration evertoken/stores/d1.sql to this database", { cause });
  });
