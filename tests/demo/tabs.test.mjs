// Four tabs of one user of the demo: one POST a renewal, and a closed lid loses nothing. Ten minutes of it are in full/.

import { test } from "node:test";
import { openDemo } from "./harness.mjs";
import { fourTabs } from "./tabs.mjs";

const ACCESS_TOKEN_TTL = 6;

const { demo, browser } = await openDemo({ ACCESS_TOKEN_TTL });

test("C2, C15: four tabs make one POST a renewal, and a closed lid loses nothing", { timeout: 120_000 }, () =>
  fourTabs({ browser, url: demo.url(), renewals: 5, life: ACCESS_TOKEN_TTL }));
