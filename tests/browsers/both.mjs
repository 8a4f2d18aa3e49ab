// Tests in Chromium and in Firefox, which run side by side.

import { after, before, describe, test } from "node:test";
import { open } from "./webdriver.mjs";
import { windowsIn } from "./windows.mjs";

/** @typedef {Awaited<ReturnType<typeof open>>} Browser */

/** @param {(name: "Chromium" | "Firefox") => void} define @param {readonly ("Chromium" | "Firefox")[]} [names]  where they run */
export const inBoth = (define, names = ["Chromium", "Firefox"]) =>
  describe("browsers", { concurrency: 2 }, () => {
    for (const name of names) describe(name, { concurrency: 1 }, () => define(name));
  });

/**
 * Tests with tabs of their own.
 * @param {(scenario: (title: string, options: Parameters<typeof windowsIn>[1], run: (world: Awaited<ReturnType<typeof windowsIn>>, browser: Browser) => Promise<void>) => void) => void} define
 * @param {readonly ("Chromium" | "Firefox")[]} [names]
 */
export const withTabs = (define, names) =>
  inBoth((name) => {
    /** @type {Browser} */
    let browser;
    before(async () => void (browser = await open(name)));
    after(() => browser?.close());
    define((title, options, run) =>
      test(title, { timeout: 180_000 }, async () => {
        const world = await windowsIn(browser, options);
        try {
          await run(world, browser);
        } finally {
          await world.close();
        }
      }));
  }, names);
