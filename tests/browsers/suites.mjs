// All suites in one browser: every test of the page is a test here, by its name.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { pages } from "./server.mjs";
import { open } from "./webdriver.mjs";

/** Seconds for everything that the page has to do. */
const LONG = 180;

/** @param {"Chromium" | "Firefox" | "WebKitGTK"} name */
export const suitesIn = async (name) => {
  /** @type {Map<string, string | undefined>} */
  const results = new Map();
  const broken = [];
  let finish = () => {};
  /** @type {(names: string[]) => void} */
  let begin = () => {};
  const began = new Promise((resolve) => (begin = resolve));
  const finished = new Promise((resolve) => (finish = () => resolve(undefined)));
  const server = await pages((report) => {
    if (report.names) begin(report.names);
    if (report.name) results.set(report.name, report.error);
    if (report.broken) broken.push(report.broken), begin([]);
    if (report.finished) finish();
  });
  after(() => server.close());
  const browser = await open(name);
  after(() => browser.close());
  await browser.visit(server.url);

  const late = (/** @type {string} */ what) =>
    new Promise((_, reject) => setTimeout(() => reject(new Error(`${name} did not ${what} within ${LONG} s; last: ${[...results.keys()].at(-1)}`)), LONG * 1000).unref());
  const names = /** @type {string[]} */ (await Promise.race([began, late("begin")]));
  if (names.length > 0) await Promise.race([finished, late("finish")]).catch((error) => broken.push(error.message));
  for (const wanted of names) {
    test(`${name}: ${wanted}`, () => {
      assert.ok(results.has(wanted), "it was not run");
      assert.equal(results.get(wanted), undefined);
    });
  }
  test(`${name}: nothing broke beside the tests, and the policy was kept`, () => {
    assert.deepEqual(broken, []);
    assert.ok(names.length > 0, "there are tests");
  });
};
