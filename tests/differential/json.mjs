// JSON texts as an attacker or a careless issuer would write them, which JSON.stringify cannot.

/** @typedef {import("./random.mjs").Random} Random */
/** Names with values that are JSON texts; a name may stand twice. @typedef {[string, string][]} Members */

/** The members as a text of one object, in one of the ways in which it can be written. */
export function written(random, members) {
  const space = random.oneIn(8) ? random.pick([" ", "\n", "\t", "\r\n  "]) : "";
  const escaped = random.oneIn(12);
  const name = (text) => (escaped ? inEscapes(text) : JSON.stringify(text));
  const body = members.map(([key, value]) => `${space}${name(key)}${space}:${space}${value}${space}`).join(",");
  return `${space}{${body}}${space}`;
}

/** Every character as its escape. */
const inEscapes = (text) =>
  `"${Array.from(text, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")}"`;

/**
 * Ways to spoil a text, with the tag that says which readers differ about it.
 * @type {[string, (random: Random, text: string) => string | Buffer][]}
 */
export const spoilt = [
  ["trailing", (random, text) => text + random.pick(["x", ",", "}", "{}", " null", "\0"])],
  ["truncated", (random, text) => text.slice(0, random.int(text.length))],
  ["byte order mark", (_, text) => `\ufeff${text}`],
  ["not UTF-8", (random, text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(random.pick([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]])), Buffer.from("}")])],
  ["syntax", (random, text) => text.replace("{", random.pick(["{,", "{'a':1,", "{a:1,", '{"a":01,', '{"a":+1,', '{"a":.5,', '{"a":1.,', '{"a":NaN,', '{"a":"\n",', '{"a":"\\x41",', "{/**/", '{"a":1,,', '{"a"}', "[", ""]))],
  ["not an object", (random) => random.pick(["[]", "null", "1", '"{}"', "true", "", "[{}]"])],
];

/**
 * Members that readers may differ about.
 * @type {[string, (random: Random, members: Members) => Members][]}
 */
export const odd = [
  ["duplicate member", (random, members) => (members.length ? [...members, [random.pick(members)[0], random.pick(["1", '"x"', "null"])]] : [["a", "1"], ["a", "1"]])],
  ["lone surrogate", (random, members) => [...members, ["x", random.pick(['"\\ud800"', '"\\udfff"', '"a\\ud800\\u0041"', '"\\ude00\\ud83d"'])]]],
  ["deep", (random, members) => [...members, ["x", nested(random.pick([31, 32, 100]))]]],
  ["", (random, members) => [...members, ["x", nested(random.pick([1, 5, 30]))]]],
  ["", (random, members) => [...members, random.pick([["__proto__", '{"a":1}'], ["constructor", "1"], ["", "1"], ["toString", "null"]])]],
  ["", (random, members) => [...members, ["n", random.pick(["-0", "1e308", "1E-400", "123456789012345678901234567890", "0.1e1", "-1.5e+3"])]]],
  ["", (random, members) => [...members, ["s", random.pick(['"\\ud83d\\ude00"', '"😀é"', '"\\u0000"', '"\\/\\b\\f\\n\\r\\t\\"\\\\"', '"\u007f\u2028"'])]]],
  ["", (random, members) => Array.from({ length: 40 }, (_, at) => ([`m${at}`, "0"])).concat(members)],
];

const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);
