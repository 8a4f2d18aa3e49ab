// What the issuer's tests need of D1 and Durable Objects beside the stores.

import { d1Store } from "../../../src/js/stores/d1.js";
import { durableObjectStore, EvertokenStore } from "../../../src/js/stores/durable-object.js";

/** Counts the statements that are sent, by what each does. */
const counting = (db, asked) => ({
  prepare: (sql) => {
    asked[sql.startsWith("SELECT") ? "reads" : "writes"]++;
    return db.prepare(sql);
  },
  batch: (statements) => {
    // What sweeps beside a write goes with it.
    asked.writes -= statements.length - 1;
    return db.batch(statements);
  },
});

/** @param {any} db */
export const openD1 = (db) => {
  const all = async () => (await db.prepare("SELECT * FROM evertoken_records").all()).results;
  return {
    makeStore: () => d1Store(db),
    dump: async () => JSON.stringify(await all()),
    backup: async () => {
      const kept = await all();
      return async () => {
        const put = db.prepare("INSERT INTO evertoken_records (key, value, version, expires_at) VALUES (?, ?, ?, ?)");
        await db.batch([db.prepare("DELETE FROM evertoken_records"), ...kept.map((row) => put.bind(row.key, row.value, row.version, row.expires_at))]);
      };
    },
    counted: () => {
      const asked = { reads: 0, writes: 0 };
      return { store: d1Store(counting(db, asked)), counts: async () => ({ ...asked }) };
    },
  };
};

/** The object that is tested, with what shows and replaces all that it holds. */
export class OpenStore extends EvertokenStore {
  async dump() {
    return [...(await this.ctx.storage.list())];
  }

  /** @param {[string, unknown][]} entries */
  async restore(entries) {
    await this.ctx.storage.deleteAll();
    await Promise.all(entries.map(([name, value]) => this.ctx.storage.put(name, value)));
  }
}

/** @param {any} namespace */
export const openObjects = (namespace) => {
  const names = new Set();
  const object = (name) => namespace.get(namespace.idFromName(name));
  const asked = { reads: 0, writes: 0 };
  const counting = {
    idFromName: (name) => (names.add(name), namespace.idFromName(name)),
    get: (id) => {
      const stub = namespace.get(id);
      return {
        read: () => (asked.reads++, stub.read()),
        compareAndSet: (...args) => (asked.writes++, stub.compareAndSet(...args)),
      };
    },
  };
  const all = () => Promise.all([...names].map(async (name) => [name, await object(name).dump()]));
  return {
    makeStore: () => durableObjectStore(counting),
    dump: async () => JSON.stringify(await all()),
    backup: async () => {
      const kept = new Map(await all());
      return async () => {
        for (const name of names) await object(name).restore(kept.get(name) ?? []);
      };
    },
    counted: () => ({ store: durableObjectStore(counting), counts: async () => ({ ...asked }) }),
  };
};
