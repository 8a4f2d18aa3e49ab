// JS because a page's own objects do the work: tells the session what happened, and does what it asks for.

import { watch } from "./activity.js";
import { checking } from "./checks.js";
import { listen } from "./listeners.js";
import { turnsOf } from "./locks.js";
import { read } from "./options.js";
import * as requests from "./requests.js";
import { arrive, generationInJar } from "./start.js";
import { completed, memory } from "./storage.js";

/** @param {string} json */
const accessTokenOf = (json) => {
  try {
    return JSON.parse(json).access_token;
  } catch {
    return undefined;
  }
};

const FAILED = { code: "ERR_NOT_READY", message: "the wasm module failed and is replaced: try again", retryable: true };

/** Another's text may hold halves of characters, which the session would not read. @param {any} text */
const wellFormed = (text) =>
  // Hosts from before 2023 have no such method.
  text.toWellFormed ? text.toWellFormed() : new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
const replaced = (/** @type {string} */ _name, /** @type {unknown} */ value) => (typeof value === "string" ? wellFormed(value) : value);

/** @typedef {ReturnType<ReturnType<typeof prepared>>} Running */
/** @typedef {{ token: string, session: number, generation: number }} Granted  a token and what it belongs to */

/**
 * A session, once the module is there. What needs none is done before: the module takes its time to come.
 * @param {unknown} options
 * @param {(said: { event?: string, error?: any, reason?: string }) => void} tell  hears of events, and of a new
 *   snapshot, which has no name
 */
export const prepared = (options, tell) => {
  const { settings, server, host, ...made } = read(options);
  const text = JSON.stringify(settings);
  /** @type {any} */
  let session;
  /** The module, what verifies, and what calls the application. @type {any} */
  let tools;
  /** @type {ReturnType<typeof checking> | undefined} */
  let checks;
  /** @type {ReturnType<typeof listen> | undefined} */
  let tabs;
  /** The instance that it lives in. @type {number | undefined} */
  let epoch;
  /** What was not asked for by the application is not there where it is not what it seems. */
  const check = (/** @type {unknown} */ token) =>
    checks?.check(token).catch((/** @type {unknown} */ error) => {
      tell({ event: "warning", error });
      throw error;
    });
  const debug = (/** @type {unknown[]} */ ...words) => made.debug && tools.call(made.debug, words.filter((word) => word !== undefined).join(" "));
  let storage = made.storage ?? memory();
  const turns = turnsOf(host, `evertoken:${settings.storageKey}`, settings.lockWait * 1000);
  /** @type {any} */
  let timer;
  let performing = false;
  /** Whether storage was written to since the last turn. */
  let changed = false;
  /** What storage did not set, or nothing in particular that it did not do. @type {[string, string][] | undefined} */
  let failing;
  /** What storage that takes its time still has to do. */
  let storing = 0;
  /** @type {Promise<unknown>} */
  let queue = Promise.resolve();
  let called = 0;
  /** Whom to settle. @type {Map<number, { resolve: (value: any) => void, reject: (error: any) => void }>} */
  const callers = new Map();
  /** Settles when storage was read once. @type {Promise<void>} */
  const loaded = new Promise((resolve, reject) => callers.set(0, { resolve, reject }));
  loaded.catch(() => {});
  /** Refreshes under way. @type {Map<number, AbortController>} */
  const flights = new Map();

  let failed = false;
  let leave = () => {};
  /** Whoever waits is told, and nothing more is done; what is stored is there for the next session. */
  const fail = (/** @type {unknown} */ cause) => {
    failed = true;
    wait(undefined);
    for (const flight of flights.values()) flight.abort();
    for (const { reject } of callers.values()) reject({ ...FAILED, cause });
    callers.clear();
    leave();
  };
  /**
   * What the wasm says, unless it fails: then, and where it failed for somebody else, this session is lost.
   * @template T
   * @param {() => T} use
   * @param {T} otherwise
   */
  const guarded = (use, otherwise) => {
    if (!failed && epoch !== tools.wasm.epoch()) fail(undefined);
    if (failed) return otherwise;
    try {
      return use();
    } catch (thrown) {
      if (!tools.wasm.failed(thrown)) throw thrown;
      fail(thrown);
      return otherwise;
    }
  };

  /** Does what is to be done. */
  const proceed = () => {
    // Called from within: whoever performs already goes on with the rest.
    if (performing) return;
    performing = true;
    try {
      while (!failed && perform(JSON.parse(session.poll())));
    } finally {
      performing = false;
    }
  };
  /** Tells the session something, and does what follows from it. @param {{ do: string, [part: string]: unknown }} what */
  const told = (what) =>
    guarded(() => {
      session.tell(JSON.stringify(what, replaced), host.now(), host.monotonic());
      proceed();
    }, undefined);
  const happened = (/** @type {string} */ what, pointer = /** @type {string | undefined} */ (undefined)) => told({ do: what, pointer });

  /** A promise that the session settles. @param {{ do: string, [part: string]: unknown }} what */
  const call = (what) =>
    new Promise((resolve, reject) => {
      const caller = (called = (called + 1) >>> 0);
      callers.set(caller, { resolve, reject });
      told({ ...what, caller });
      if (failed) settled(caller)?.reject(FAILED);
    });

  const settled = (/** @type {number} */ caller) => {
    const settle = callers.get(caller);
    callers.delete(caller);
    return settle;
  };

  /** Does one thing; false once there is nothing left but to wait. */
  const perform = (/** @type {any} */ output) => {
    debug(output.do, output.event, output.reason, output.error?.code, output.flight, output.delay);
    switch (output.do) {
      case "wait":
        if (flights.size === 0 && storing === 0) {
          turns.end(changed);
          changed = false;
        }
        wait(output.delay);
        return false;
      case "read":
        if (output.inTurn && settings.crossTab && storage.shared) turns.take(() => look(output.read));
        else look(output.read);
        break;
      case "write":
        store(output);
        break;
      case "detach":
        storage = failing ? completed(storage, settings.storageKey, failing.some(([key]) => key === settings.storageKey)) : memory();
        failing = undefined;
        break;
      case "send":
        send(output);
        break;
      case "abort":
        flights.get(output.flight)?.abort();
        flights.delete(output.flight);
        break;
      case "revoke":
        requests.revoke(host, server, output.refreshToken).catch(() => false).then((accepted) => told({ do: "revoked", caller: output.caller, accepted }));
        break;
      case "grant":
        settled(output.caller)?.resolve(output.token === undefined ? null : output);
        break;
      case "handOn":
        settled(output.caller)?.resolve(null);
        break;
      case "done":
        // What is done is stored as well.
        settled(output.caller)?.resolve(storing > 0 ? queue.then(() => {}) : undefined);
        break;
      case "refuse":
        settled(output.caller)?.reject(output.error);
        break;
      case "tell":
        tell(output);
        break;
    }
    return true;
  };

  const wait = (/** @type {number | undefined} */ delay) => {
    if (timer !== undefined) host.clearTimeout(timer);
    timer = delay === undefined ? undefined : host.setTimeout(() => happened("wake"), delay);
    // On Node a renewal that is due in minutes is no reason to keep a finished program alive; somebody who waits is.
    if (callers.size === 0) timer?.unref?.();
  };

  /** Uses storage: at once where it answers at once, and else in its turn. */
  const use = (/** @type {(storage: import("./storage.js").Storage) => unknown} */ act, /** @type {() => void} */ then, /** @type {[string, string][]} */ set = []) => {
    const used = storage;
    // Once: what is asked of the storage that was given up is asked of the next one.
    const failed = () => {
      if (used !== storage) return;
      failing = set;
      happened("storageFailed");
    };
    if (!storage.slow) {
      try {
        act(storage);
      } catch {
        return failed();
      }
      return then();
    }
    storing++;
    queue = queue.then(() => act(used)).then(() => then, () => failed).then((next) => {
      storing--;
      // What a replaced clock or timer throws is told, and keeps nobody who comes later from storage.
      tools.call(() => {
        next();
        guarded(proceed, undefined);
      });
    });
  };

  const look = (/** @type {number} */ number) => {
    /** @type {[string, string][]} */
    const items = [];
    use(
      (storage) => storage.read((key, value) => void items.push([key, value])),
      () => {
        told({ do: "stored", read: number, items });
        settled(0)?.resolve(undefined);
      },
    );
  };

  const store = (/** @type {{ set: [string, string][], remove: string[] }} */ { set, remove }) => {
    const { shared } = storage;
    use(
      (storage) => storage.write(set, remove),
      () => {
        changed = true;
        if (shared) tabs?.say(set.find(([key]) => key === settings.storageKey)?.[1] ?? "");
      },
      set,
    );
  };

  const send = async (/** @type {any} */ output) => {
    const controller = new AbortController();
    const { flight } = output;
    flights.set(flight, controller);
    /** @type {{ [part: string]: unknown }} */
    let answer;
    let entropy = "";
    try {
      entropy = host.entropy();
      if (server.refresh) {
        const json = await requests.ask(server, output, controller.signal);
        await check(accessTokenOf(json));
        answer = { json };
      } else {
        answer = await requests.refresh(host, server, output, controller.signal);
        debug("answered", flight, answer.status);
        if (answer.ok) await check(accessTokenOf(String(answer.body)));
      }
    } catch (thrown) {
      answer = (server.refresh && requests.refusal(thrown)) || { status: 0 };
    }
    flights.delete(flight);
    told({ do: "answered", flight, entropy, ...answer });
  };

  const running = {
    host,
    server,
    loaded,
    told,
    call,
    happened,
    /** What is stored, once the session was lost. */
    lost: () => (failed ? storage : undefined),
    claims: () => guarded(() => session.claims(), undefined),
    snapshot: () => guarded(() => session.snapshot(), undefined),
    maySee: (/** @type {string} */ origin) => {
      const may = guarded(() => session.maySee(origin), undefined);
      // Nothing is sent without its token because of a failure.
      if (may === undefined) throw FAILED;
      return may;
    },
    /** Whether this token can be used without asking. */
    serves: (/** @type {Granted} */ { session: number, generation }, /** @type {number} */ seconds) =>
      guarded(() => session.serves(number, generation, seconds, host.now(), host.monotonic()), false),
    /** An answer brought a renewed token along. */
    passed: async (/** @type {Granted} */ { session: number, generation }, /** @type {string} */ token) => {
      try {
        await check(token);
      } catch {
        return;
      }
      told({ do: "passed", session: number, generation, token, entropy: host.entropy() });
    },
    dispose: () => {
      happened("dispose");
      leave();
      settled(0)?.resolve(undefined);
    },
  };

  /** @param {any} glue @param {any} given  what was stored before a failure, and what else a session works with */
  return (glue, { stored, ...given }) => {
    tools = given;
    session = new glue.Session(text);
    if (made.verify) checks = checking(glue, tools, made.verify, host);
    if (stored) storage = stored;
    epoch = tools.wasm.epoch();
    tabs = listen(host, settings, storage, turns, happened);
    const unwatch = settings.idleTimeout ? watch(host, () => happened("active")) : () => {};
    queue = Promise.resolve(storage.ready?.());
    const stop = () => {
      tabs?.close();
      unwatch();
      checks?.dispose();
    };
    leave = stop;
    if (!made.storage && !stored) happened("storageFailed");
    happened("start");
    const jar = server.cookie ? generationInJar(settings.storageKey) : undefined;
    if (jar !== undefined) told({ do: "jar", generation: jar, entropy: host.entropy() });
    if (settings.always && !stored) {
      const depart = arrive(host, `evertoken:${settings.storageKey}:live`, () => happened("alone"));
      leave = () => (stop(), depart());
    }
    return { ...running, checks };
  };
};
