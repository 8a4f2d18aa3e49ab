// JS because it looks at what the page wrote: the options of `createClient`, each of its type or ERR_OPTIONS.

import { TokenError } from "../errors.js";
import { hostOf } from "./host.js";
import { storageOf } from "./storage.js";

/** @param {string} option @param {string} message @param {unknown} [cause] @returns {never} */
const wrong = (option, message, cause) => {
  throw new TokenError({ code: "ERR_OPTIONS", option, message, cause });
};

const TYPES = {
  tokenEndpoint: "string", clientId: "string", revocationEndpoint: "string", sessionsEndpoint: "string", refresh: "function",
  refreshTokenTransport: "string", storage: "string", storageKey: "string",
  autoRefresh: "boolean", refreshBeforeExpiry: "number", idleTimeout: "number", refreshOnStart: "string",
  crossTab: "boolean", lockWait: "number", requestTimeout: "number", origins: "object", host: "object",
  renewedTokenHeader: "string", verify: "object", debug: "function",
};
const HOST = { fetch: "function", now: "function", monotonic: "function", random: "function", setTimeout: "function", clearTimeout: "function", locks: "object", channel: "function" };
const SAID = {
  string: "this must be a string, and not empty", function: "this must be a function",
  boolean: "this must be true or false", number: "this must be a number, in seconds, within its bounds",
  object: "this must be a plain object",
};
/** What is done anyway may be said. */
const ONLY = { refreshTokenTransport: ["body", "cookie"], storage: ["local", "session", "memory"], refreshOnStart: ["if-needed", "always", "never"] };
/** Longer than any of these durations can usefully be, in seconds. */
const LONG = 1e9;

/** @param {any} given @param {Record<string, string>} types @param {string} path */
const checked = (given, types, path = "") => {
  if (given === null || typeof given !== "object" || Array.isArray(given)) wrong(path.slice(0, -1) || "options", "options are given as an object");
  for (const name of Object.keys(given)) {
    const type = /** @type {keyof typeof SAID | undefined} */ (Object.hasOwn(types, name) ? types[name] : undefined);
    if (!type) wrong(path + name, "there is no option of this name; is it misspelt?");
    const value = given[name];
    if (value === undefined) continue;
    if (value === null || typeof value !== type || value === "") wrong(path + name, SAID[type]);
    if (type === "number" && !(value >= 0 && value <= LONG)) wrong(path + name, SAID.number);
  }
  return given;
};

/** The address of the page or worker, which relative URLs are relative to. */
const page = () => globalThis.location?.href;

/** @param {string} url */
export const originOf = (url) => {
  try {
    return new URL(url).origin;
  } catch {
    return undefined;
  }
};

/**
 * What a client is made with, of what the page wrote.
 * @param {any} [given]
 */
export const read = (given = {}) => {
  const adapter = given !== null && typeof given?.storage === "object" ? given.storage : undefined;
  const options = checked(given, { ...TYPES, ...(adapter && { storage: "object" }) });
  const host = hostOf(checked(options.host ?? {}, HOST, "host."));
  for (const [name, values] of Object.entries(ONLY)) {
    if (!(adapter && name === "storage") && !values.includes(options[name] ?? values[0])) wrong(name, `this must be ${values.map((value) => JSON.stringify(value)).join(" or ")}`);
  }
  for (const name of adapter ? ["get", "set", "remove"] : []) {
    if (typeof adapter[name] !== "function") wrong("storage", "a storage of your own has the functions get, set and remove");
  }
  if (/\p{Surrogate}/u.test(options.storageKey ?? "")) wrong("storageKey", "this must be text that is well-formed");
  try {
    new Headers([[options.renewedTokenHeader ?? "age", ""]]);
  } catch (cause) {
    wrong("renewedTokenHeader", "this must be the name of a header", cause);
  }
  for (const name of ["requestTimeout", "idleTimeout"]) if (options[name] === 0) wrong(name, SAID.number);

  const endpoint = (/** @type {string} */ name) => {
    try {
      return options[name] === undefined ? undefined : new URL(options[name], page()).href;
    } catch (cause) {
      return wrong(name, "this must be a URL, and an absolute one where no page is", cause);
    }
  };
  const server = {
    tokenEndpoint: endpoint("tokenEndpoint"),
    revocationEndpoint: endpoint("revocationEndpoint"),
    sessionsEndpoint: endpoint("sessionsEndpoint"),
    cookie: options.refreshTokenTransport === "cookie",
    clientId: options.clientId,
    refresh: options.refresh,
    renewedTokenHeader: options.renewedTokenHeader,
  };
  const origins = () => {
    const said = "these must be origins, such as https://api.example.com";
    if (options.origins === undefined) return [page(), server.tokenEndpoint].flatMap((url) => originOf(url ?? "") ?? []);
    if (!Array.isArray(options.origins)) return wrong("origins", "this must be an array of strings");
    return options.origins.map((/** @type {string} */ url) => originOf(url) ?? wrong("origins", said));
  };
  const settings = {
    storageKey: options.storageKey ?? "evertoken",
    refreshBeforeExpiry: options.refreshBeforeExpiry ?? 60,
    idleTimeout: options.idleTimeout,
    crossTab: options.crossTab ?? true,
    lockWait: options.lockWait ?? 5,
    requestTimeout: options.requestTimeout ?? 15,
    autoRefresh: options.autoRefresh ?? true,
    canRefresh: Boolean(server.tokenEndpoint || server.refresh),
    ownRefresh: Boolean(server.refresh || server.cookie),
    cookie: server.cookie,
    lazyStart: options.refreshOnStart === "never",
    always: options.refreshOnStart === "always",
    canRevoke: Boolean(server.revocationEndpoint),
    origins: origins(),
    seed: host.random(),
  };
  const { verify, debug } = options;
  return { settings, server, host, verify, debug, storage: storageOf(options.storage ?? "local", settings.storageKey, host, settings.ownRefresh) };
};
