// Tests in Chromium and in Firefox, which run side by side.

import { after, before, describe, test } from "node:test";
import { open } from "./webdriver.mjs";
import { windowsIn } from "./windows.mjs";

/** @typedef {Awaited<ReturnType<typeof open>>} Browser */

/** @param {(name: "Chromium" | "Firefox") => void} define */
export const inBoth = (define) =>
  describe("browsers", { concurrency: 2 }, () => {
    for (const name of /** @type {const} */ (["Chromium", "Firefox"])) describe(name, { concurrency: 1 }, () => define(name));
  });

/**
 * Tests with tabs of their own.
 * @param {(scenario: (title: string, options: Parameters<typeof windowsIn>[1], run: (world: Awaited<ReturnType<typeof windowsIn>>, browser: Browser) => Promise<void>) => void) => void} define
 */
export const withTabs = (define) =>
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
  });
