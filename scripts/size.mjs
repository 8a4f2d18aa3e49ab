// Prints what each entry weighs as a bundler ships it, raw, gzip and brotli, and fails where one is over its budget.

import { build } from "./build.mjs";
import { explain } from "./lib/step.mjs";
import { entries, parts, weighed } from "./lib/weigh.mjs";
import { setUpDemo } from "./setup.mjs";

const KB = 1024;

const row = (/** @type {string} */ title, /** @type {import("./lib/weigh.mjs").Weight} */ { raw, gzip, brotli }, more = "") =>
  console.log(`${title.padEnd(34)}${[raw, gzip, brotli].map((bytes) => (bytes / KB).toFixed(1).padStart(9)).join("")}${more}`);

/** @param {import("./lib/weigh.mjs").Page} page */
async function printed(page) {
  const { script, wasm, both } = await weighed(page);
  const over = page.budget !== undefined && both.brotli > page.budget * KB;
  row(page.title, both, page.budget === undefined ? "" : `   ${over ? "over" : "of"} ${page.budget}`);
  if (page.wasm) {
    row("  JavaScript", script);
    row(`  pkg/${page.wasm}_bg.wasm`, wasm);
  }
  return over;
}

try {
  await setUpDemo();
  await build();
  console.log(`\n${"KB".padEnd(34)}${["raw", "gzip", "brotli"].map((name) => name.padStart(9)).join("")}`);
  let over = 0;
  for (const page of [...entries, ...parts]) over += Number(await printed(page));
  process.exit(over > 0 ? 1 : 0);
} catch (error) {
  explain(error);
  process.exit(1);
}
