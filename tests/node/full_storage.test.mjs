// What the browser's storage keeps of a session where there is little room, in Node with a storage of its own.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { storageOf } from "../../src/js/client/storage.js";

/** Storage with room for so many characters. */
class Small {
  constructor(room) {
    this.room = room;
    this.items = new Map();
  }
  get length() {
    return this.items.size;
  }
  key(index) {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(key) {
    return this.items.get(key) ?? null;
  }
  setItem(key, value) {
    const others = [...this.items].filter(([name]) => name !== key);
    if ([...others, [key, value]].flat().join("").length > this.room) throw new Error("QuotaExceededError");
    this.items.set(key, value);
  }
  removeItem(key) {
    this.items.delete(key);
  }
}

const ACCESS = `"access_token":"${"a".repeat(200)}"`;
const entry = (rest) => ["evertoken:login:1", `{"v":1,${ACCESS}${rest}}`];
const signIn = (rest) => [entry(rest), ["evertoken", '{"v":1,"login":"login"}']];
const kept = () => [...globalThis.localStorage.items];

const fill = (room, own) => {
  globalThis.localStorage = new Small(room);
  return storageOf("local", "evertoken", {}, own);
};
afterEach(() => delete globalThis.localStorage);

test("C53: a session that a refresh token renews is kept without its access token where that has no room", () => {
  fill(240, false).write(signIn(',"refresh_token":"r"'), []);
  assert.match(kept()[0][1], /"access_token":"","refresh_token":"r"/);
});

test("C53: a session that a cookie or the application renews is, too", () => {
  fill(240, true).write(signIn(""), []);
  assert.match(kept()[0][1], /"access_token":""/);
});

test("C53: a session that nothing renews but its one token is kept with it or not at all", () => {
  const storage = fill(240, false);
  assert.throws(() => storage.write(signIn(""), []), /Quota/);
  assert.deepEqual(kept(), []);
  globalThis.localStorage.room = 400;
  storage.write(signIn(""), []);
  assert.deepEqual(kept(), signIn(""));
});
