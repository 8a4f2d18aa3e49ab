// Tests with tabs of their own, each in Chromium and in Firefox, which run side by side.

import { after, before, describe, test } from "node:test";
import { open } from "./webdriver.mjs";
import { windowsIn } from "./windows.mjs";

/** @param {(scenario: (title: string, options: Parameters<typeof windowsIn>[1], run: (world: Awaited<ReturnType<typeof windowsIn>>, browser: Awaited<ReturnType<typeof open>>) => Promise<void>) => void) => void} define */
export const inBoth = (define) =>
  describe("browsers", { concurrency: 2 }, () => {
    for (const name of /** @type {const} */ (["Chromium", "Firefox"])) {
      describe(name, { concurrency: 1 }, () => {
        /** @type {Awaited<ReturnType<typeof open>>} */
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
    }
  });
