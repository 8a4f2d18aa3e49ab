// JS because a token that crosses into the wasm costs more than a whole hit may: what was verified, kept
// beside the window of seconds that the core says it holds in.

/** How long tokens may be on average, so that what all take together is bounded too. */
const CHARACTERS = 2048;
/** Enough of a signature to tell tokens apart; the rest is compared. Hashing all of a token would take most of a hit. */
const TAIL = 24;

/**
 * @typedef {object} Kept
 * @property {string} key
 * @property {string} token
 * @property {string} rules  what `rulesOf` says of the call
 * @property {object} value  the answer, deeply frozen
 * @property {number} from  the first second in which it holds
 * @property {number} until  the first one after
 * @property {boolean} sync  whether it was found at once, and may be given at once
 */

/**
 * The last `most` tokens, of which the one that was not asked for longest goes first.
 * @param {number} most
 */
export const tokenCache = (most) => {
  /** @type {Map<string, Kept>} oldest first */
  const all = new Map();
  /** @type {Kept | undefined} */
  let newest;
  let room = most * CHARACTERS;

  const keyOf = (/** @type {string} */ token, /** @type {string} */ rules) => token.slice(-TAIL) + rules;

  const drop = (/** @type {Kept} */ kept) => {
    if (all.get(kept.key) !== kept) return;
    all.delete(kept.key);
    room += kept.token.length + kept.rules.length;
    if (newest === kept) newest = undefined;
  };

  return {
    drop,

    /**
     * What is known of this very token, under these rules, in this second.
     * @param {string} token @param {string} rules @param {number} now  Unix seconds
     */
    find: (token, rules, now) => {
      const kept = all.get(keyOf(token, rules));
      if (kept === undefined || kept.token !== token || kept.rules !== rules) return undefined;
      if (!(now >= kept.from && now < kept.until)) {
        drop(kept);
        return undefined;
      }
      if (kept !== newest) {
        all.delete(kept.key);
        all.set(kept.key, kept);
        newest = kept;
      }
      return kept;
    },

    /**
     * @param {string} token  a verified one
     * @param {string} rules @param {object} value @param {[number, number]} window @param {boolean} sync
     */
    keep: (token, rules, value, [from, until], sync) => {
      const size = token.length + rules.length;
      if (size > most * CHARACTERS) return;
      // A copy: a slice would keep the whole text alive that the token was cut from.
      const own = JSON.parse(`"${token}"`);
      const key = keyOf(own, rules);
      const old = all.get(key);
      if (old) drop(old);
      newest = { key, token: own, rules, value, from, until, sync };
      all.set(key, newest);
      room -= size;
      for (const oldest of all.values()) {
        if (room >= 0 && all.size <= most) break;
        drop(oldest);
      }
    },

    clear: () => {
      all.clear();
      newest = undefined;
      room = most * CHARACTERS;
    },
  };
};

/** The options of a call that take part in what is kept. */
const NAMES = ["audience", "subject", "typ", "requiredClaims", "maxAuthAge", "acrValues"];

const written = (/** @type {unknown} */ value) => {
  if (value === undefined) return "-";
  if (typeof value === "string") return `${value.length}:${value}`;
  if (typeof value === "number" && Number.isFinite(value)) return `${value};`;
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) return undefined;
  return `[${value.map((item) => `${item.length}:${item}`).join("")}]`;
};

/**
 * The options of a call as a text that only equal options share; `undefined` where an answer to them is
 * not worth keeping, or where they are anything but plain data.
 * @param {any} perCall
 */
export const rulesOf = (perCall) => {
  if (perCall === undefined) return "";
  if (perCall === null || typeof perCall !== "object") return undefined;
  const prototype = Object.getPrototypeOf(perCall);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  for (const name of Reflect.ownKeys(perCall)) if (typeof name !== "string" || !NAMES.includes(name)) return undefined;
  let rules = "";
  for (const name of NAMES) {
    const text = written(perCall[name]);
    if (text === undefined) return undefined;
    rules += text;
  }
  return rules;
};
