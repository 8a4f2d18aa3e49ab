// Four tabs of one user of the demo: one POST a renewal, and a closed lid loses nothing. Ten minutes of it are in full/.

import { after, test } from "node:test";
import { startDemo } from "./harness.mjs";
import { fourTabs } from "./tabs.mjs";

const ACCESS_TOKEN_TTL = 6;

const demo = await startDemo({ ACCESS_TOKEN_TTL });
after(() => demo.stop());

test("C2, C15: four tabs make one POST a renewal, and a closed lid loses nothing", { timeout: 300_000 }, () =>
  fourTabs({ url: demo.url(), renewals: 5, life: ACCESS_TOKEN_TTL }));
