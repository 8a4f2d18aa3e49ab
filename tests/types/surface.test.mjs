// The public surface is the one that was last looked at.

import assert from "node:assert/strict";
import { test } from "node:test";
import { known, surface } from "./surface.mjs";

test("the public surface is that of surface.txt; node tests/types/surface.mjs --update writes what it is now", () => {
  assert.equal(surface(), known());
});
