// Hours of a client in virtual time, and ten thousand refreshes in real time; each in Node, with a server that is a function.

import v8 from "node:v8";
import { runInNewContext } from "node:vm";
import * as glue from "../pkg/evertoken.js";

const HOUR = 3_600_000;

/** A host whose clocks and timers stand still until time is let pass; counts the timers that fire. */
const virtual = () => {
  let clock = 1.8e12;
  let named = 0;
  const timers = new Map();
  const counted = { fired: 0 };
  const host = {
    now: () => clock,
    monotonic: () => clock,
    random: Math.random,
    setTimeout: (run, delay) => (timers.set(++named, { at: clock + delay, run }), named),
    clearTimeout: (timer) => void timers.delete(timer),
  };
  /** Everything that needs no time has been done. */
  const settled = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((later) => setImmediate(later));
  };
  const pass = async (milliseconds) => {
    const end = clock + milliseconds;
    for (;;) {
      await settled();
      const next = [...timers].sort(([, one], [, other]) => one.at - other.at)[0];
      if (!next || next[1].at > end) break;
      timers.delete(next[0]);
      clock = Math.max(clock, next[1].at);
      counted.fired++;
      next[1].run();
    }
    clock = end;
  };
  return { host, pass, counted };
};

/** A client that is signed in, whose server counts and answers as told. */
const signedIn = async (createClient, { life, ...options }) => {
  const server = { posts: 0, down: undefined };
  const time = virtual();
  let generation = 0;
  const tokens = () => ({ access_token: `a${generation}`, refresh_token: `r${generation}`, expires_in: life });
  const answer = async () => {
    server.posts++;
    if (server.down) return server.down();
    generation++;
    return Response.json(tokens());
  };
  const client = createClient({ tokenEndpoint: "https://auth.example/token", storage: "memory", host: { ...time.host, fetch: answer }, ...options });
  await client.setTokens(tokens());
  return { client, server, ...time };
};

/** POSTs in an hour in which no refresh succeeds, with so many calls a second, and what it takes until the next token. */
export const outage = async (createClient, { calls, down }) => {
  const { client, server, pass, host } = await signedIn(createClient, { life: 300 });
  server.down = down;
  for (let second = 0; second < 3600; second++) {
    await pass(1000);
    const asked = Array.from({ length: calls }, () => client.getAccessToken().catch(({ code }) => code));
    if (second > 310 && (await Promise.all(asked)).some((said) => said !== "ERR_REFRESH_UNAVAILABLE")) throw new Error("a token came from nowhere");
  }
  const { posts } = server;
  server.down = undefined;
  const since = host.now();
  while (client.getSnapshot().status !== "active") await pass(1000);
  client.dispose();
  return { posts, recovered: (host.now() - since) / 1000 };
};

/** An hour of a tab that nobody uses, so many times over: timers and POSTs an hour, and milliseconds of processor. */
export const idle = async (createClient, { life, hours }) => {
  const { client, server, pass, counted } = await signedIn(createClient, { life });
  const since = process.cpuUsage();
  await pass(hours * HOUR);
  const { user, system } = process.cpuUsage(since);
  client.dispose();
  return { fired: counted.fired / hours, posts: server.posts / hours, ms: (user + system) / 1000 / hours };
};

/** Bytes in use, of JavaScript and of wasm, after so many refreshes of one client. */
export const heap = async (createClient, marks) => {
  v8.setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  let generation = 0;
  const tokens = () => ({ access_token: `a${generation}`, refresh_token: `r${generation}`, expires_in: 3600 });
  const client = createClient({ tokenEndpoint: "https://auth.example/token", storage: "memory", host: { fetch: async () => (generation++, Response.json(tokens())) } });
  await client.setTokens(tokens());
  // Once loaded, this gives what was loaded.
  const { memory } = glue.initSync();
  const found = [];
  for (const mark of marks) {
    while (generation < mark) await client.getAccessToken({ forceRefresh: true });
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((later) => setTimeout(later, 20));
      collect();
    }
    found.push({ refreshes: mark, heap: process.memoryUsage().heapUsed, wasm: memory.buffer.byteLength });
  }
  client.dispose();
  return found;
};
