// Four tabs of one user of the demo for ten minutes, with the lives that the demo has.

import { after, test } from "node:test";
import { startDemo } from "../harness.mjs";
import { fourTabs } from "../tabs.mjs";

const ACCESS_TOKEN_TTL = 30;
/** A renewal comes a quarter of a life before the end, or a little earlier. */
const RENEWALS = Math.ceil(600 / (ACCESS_TOKEN_TTL * 0.75));

const demo = await startDemo({ ACCESS_TOKEN_TTL });
after(() => demo.stop());

test("C2, C15: four tabs make one POST a renewal for ten minutes, and a closed lid loses nothing", { timeout: 1_000_000 }, () =>
  fourTabs({ url: demo.url(), renewals: RENEWALS, life: ACCESS_TOKEN_TTL }));
