// The commands of docs/simulation.md, each as it stands there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../scripts/lib/run.mjs";
import { examples } from "../readme/blocks.mjs";
import { lines } from "../readme/commands.mjs";

const commands = lines(examples("docs/simulation.md")["sim.sh"]);

test("the page has commands", () => assert.ok(commands.length > 5));

/** What each came to: none of their options changes nothing. */
const found = new Set();

for (const command of commands) {
  test(command, { timeout: 300_000 }, async () => {
    const output = await run("sh", ["-c", command]);
    const [, days] = /^(\d+) device-days, 0 failures$/m.exec(output) ?? [];
    const [, asked = 1] = /--days (\d+)/.exec(command) ?? [];
    assert.ok(Number(days) >= Number(asked), output);
    if (command.includes("--world")) assert.match(output, /^day \d+ .*: its user is there$/m);
    const [figures] = /^ {2}device-days.*/ms.exec(output) ?? [""];
    assert.ok(!found.has(figures), "an option that changes nothing");
    found.add(figures);
  });
}
