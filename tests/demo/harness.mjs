// What the demo's tests share: the worker on a free port, a browser, and a page that is watched for complaints.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { chromium } from "playwright-core";
import { copyAssets } from "../../www/scripts/assets.mjs";
import { ensureSecrets } from "../../www/scripts/secrets.mjs";
import { serve } from "../../www/scripts/serve.mjs";

/**
 * The demo with its own storage, beside any other that runs. `restart` stops it and starts it on the same storage.
 * @param {Record<string, number>} vars
 */
export async function startDemo(vars) {
  const folder = mkdtempSync(join(tmpdir(), "evertoken-demo-"));
  const assets = join(folder, "assets");
  ensureSecrets();
  copyAssets(assets);
  const start = () => serve({ port: 0, state: join(folder, "state"), assets, vars });
  let running = await start();
  return {
    url: (path = "") => running.url + path,
    async restart() {
      await running.stop();
      running = await start();
    },
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {...string} more  of Chromium's switches */
export const openBrowser = (...more) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...["--headless", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      // Chromium's own sandbox does not run as root, which is what containers are.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ...more,
    ],
  });

/** A demo and a browser for the tests of one file. @param {Record<string, number>} vars */
export async function openDemo(vars) {
  const [demo, browser] = await Promise.all([startDemo(vars), openBrowser()]);
  after(() => Promise.all([browser.close(), demo.stop()]));
  return { demo, browser };
}

/**
 * Remembers what the browser complains about, and what it asks of /token.
 * @param {import("playwright-core").BrowserContext} context
 */
export async function watched(context) {
  // A busy machine takes its time; what is wrong is seen by what the page shows, and not by how long it took.
  context.setDefaultTimeout(60_000);
  /** @type {string[]} */
  const complaints = [];
  /** @type {string[]} */
  const renewals = [];
  await context.exposeBinding("complain", (_, text) => void complaints.push(text));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => globalThis.complain(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  context.on("weberror", (error) => complaints.push(`error: ${error.error().message}`));
  context.on("console", (message) => {
    // The browser itself reports every 4xx and every failed request; the tests that cause them look at them closer.
    if (["error", "warning"].includes(message.type()) && !message.text().startsWith("Failed to load resource")) complaints.push(`console: ${message.text()}`);
  });
  context.on("request", (request) => {
    if (new URL(request.url()).pathname === "/token") renewals.push(request.method());
  });
  return { complaints, renewals };
}

/**
 * Once in some ten runs of these tests a page did not load within a minute, or loaded and showed nothing, and nobody knows why: it is
 * asked for once more, and what had not come is told.
 * @param {import("playwright-core").Page} page
 * @param {string} url
 */
export async function visit(page, url) {
  /** @type {Set<import("playwright-core").Request>} */
  const open = new Set();
  page.on("request", (request) => open.add(request));
  for (const event of /** @type {["requestfinished", "requestfailed"]} */ (["requestfinished", "requestfailed"])) page.on(event, (request) => open.delete(request));
  try {
    await page.goto(url, { timeout: 20_000 });
    await page.locator("button:visible").first().waitFor({ timeout: 20_000 });
  } catch (error) {
    if (error.name !== "TimeoutError") throw error;
    console.warn(`${url} did not load, or showed nothing, in 20 s and is asked for once more; without an answer: ${[...open].map((request) => request.url()).join(" ") || "nothing"}`);
    await page.goto(url);
  }
}

/**
 * A page in a context of its own, which is watched.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function openPage(browser, url, options) {
  const context = await browser.newContext(options);
  const { complaints, renewals } = await watched(context);
  const page = await context.newPage();
  await visit(page, url);
  return {
    page,
    context,
    renewals,
    /** Ends the test's page: it must have run without a complaint. */
    async close() {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
}

/** Signs in as a person would, with what the form offers. */
export async function signIn(page, account = "demo1") {
  await page.getByRole("button", { name: new RegExp(`^${account}`) }).click();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/** Waits until the page shows generation `n` or a later one. */
export const generation = (page, n, timeout = 60_000) =>
  page.waitForFunction((least) => Number(document.getElementById("generation")?.textContent) >= least, n, { timeout });

export const shownGeneration = async (page) => Number(await page.locator("#generation").textContent());

/** Calls the API by the named button; gives the status that the page shows once the answer is there. */
export async function callApi(page, name = "Call GET /api/me") {
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === "/api/me");
  await page.getByRole("button", { name }).click();
  const response = await answered;
  await page.locator("#answer .verdict b", { hasText: String(response.status()) }).waitFor();
  return response;
}

/** Texts of the log's entries of one event, newest first. */
export const logged = (page, event) => page.locator(`#log [data-event="${event}"] span`).allTextContents();
