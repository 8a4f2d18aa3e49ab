// A Redis server of the tests' own: on a socket of loopback that nobody else uses, with nothing kept.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/lib/port.mjs";

/** @param {...string} options  of redis-server */
export const startRedis = async (...options) => {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "evertoken-redis-"));
  const child = spawn(
    "redis-server",
    ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", "--cluster-port", String(await freePort()), ...options],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  const ready = new Promise((resolve, reject) => {
    child.once("error", () => reject(new Error("redis-server is not installed (Debian: apt-get install redis-server)")));
    child.once("exit", (code) => reject(new Error(`redis-server ended with ${code}:\n${said}`)));
    child.stderr.on("data", (chunk) => (said += chunk));
    child.stdout.on("data", (chunk) => {
      said += chunk;
      if (said.includes("Ready to accept connections")) resolve(undefined);
    });
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  // A test that dies takes its server with it.
  process.once("exit", () => child.kill("SIGKILL"));
  return { port, url: `redis://127.0.0.1:${port}`, stop };
};

/** Every client that the adapter is for, by name: what connects it, and what lets it go. */
export const clients = {
  "node-redis 4": () => import("node-redis-4").then(nodeRedis),
  "node-redis 5": () => import("node-redis-5").then(nodeRedis),
  "node-redis 6": () => import("@redis/client").then(nodeRedis),
  "ioredis 5": () => import("ioredis-5").then(ioredis),
  "ioredis 6": () => import("ioredis").then(ioredis),
};

const nodeRedis = ({ createClient }) => ({
  connect: async (url) => {
    const client = createClient({ url });
    client.on("error", () => {});
    await client.connect();
    return { client, close: () => (client.destroy ?? client.disconnect).call(client) };
  },
  unreachable: () => createClient({ url: "redis://127.0.0.1:1" }),
});

const ioredis = ({ Redis }) => ({
  connect: async (url) => {
    const client = new Redis(url);
    return { client, close: () => client.disconnect() };
  },
  unreachable: () => {
    const client = new Redis("redis://127.0.0.1:1", { enableOfflineQueue: false, retryStrategy: () => null, lazyConnect: true });
    client.on("error", () => {});
    return client;
  },
});
