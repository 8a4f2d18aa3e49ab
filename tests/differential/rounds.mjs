// A round: one verifier's keys and options, against which a few tokens are tried.

import { algorithms, fitting, keysOf, names, pemOf, published, secrets, weighted } from "./keys.mjs";
import { random } from "./random.mjs";
import { rsaKey, WEAK } from "./rsa.mjs";

/** @typedef {import("./random.mjs").Random} Random */
/** @typedef {import("./keys.mjs").Jwk} Jwk */
/**
 * @typedef {object} Round
 * @property {any} keys  as `createVerifier` takes them
 * @property {any} [same]  the same keys as a JWK, where they are in a form that jose takes in another way
 * @property {Record<string, any>} options  beside `keys` and `now`
 * @property {number} now  Unix milliseconds
 * @property {import("./keys.mjs").Row} row  what its tokens are signed with, and
 * @property {Jwk} signer  which key
 * @property {string[]} tags  what readers may differ about
 * @property {string[]} faults  why it should refuse all tokens
 */

/** @returns {Round} */
export function round(seed, index) {
  const chance = random(seed, index);
  const row = chance.pick(weighted);
  const signer = keysOf(row)[0];
  const now = 1_700_000_000_000 + chance.int(1000);
  const round = { keys: keyOf(chance, row, published(signer)), options: options(chance, row), now, row, signer, tags: [], faults: [] };
  const turn = chance.int(10);
  if (turn === 0) oddKey(chance, round);
  else if (turn < 5 && (signer.kty !== "oct" || turn === 1)) set(chance, round);
  else if (turn < 5 && signer.kty === "oct") bare(round);
  else if (turn === 5 && signer.kty !== "oct" && signer.kty !== "AKP") pem(chance, round);
  for (const curve of ["P-521", "secp256k1"]) if (keysIn(round.keys).some((key) => key.crv === curve)) round.tags.push(curve);
  return round;
}

function keyOf(chance, row, jwk) {
  const key = { ...jwk };
  if (chance.oneIn(2)) key.alg = row.alg;
  if (chance.oneIn(3)) key.use = "sig";
  if (chance.oneIn(5)) key.key_ops = ["verify"];
  if (chance.oneIn(4)) delete key.kid;
  if (chance.oneIn(8)) key.ext = true;
  return key;
}

const keysIn = (keys) => (Array.isArray(keys.keys) ? keys.keys : [keys]).filter((key) => key && typeof key === "object");

function bare(round) {
  const { row: { alg }, signer: { k } } = round;
  round.same = { kty: "oct", k, alg };
  round.keys = { secret: new Uint8Array(Buffer.from(k, "base64url")), alg };
}

function pem(chance, round) {
  const { kid, key_ops, ext, use, ...jwk } = round.keys;
  const type = jwk.kty === "RSA" && chance.oneIn(3) ? "pkcs1" : "spki";
  round.same = { ...jwk, alg: round.row.alg };
  round.keys = { pem: pemOf(jwk, type), alg: round.row.alg, ...(kid && { kid }) };
  if (round.row.alg === "ES512") round.tags.push("P-521");
}

function options(chance, { alg }) {
  /** @type {Record<string, any>} */
  const options = {};
  const maybe = (times, name, values) => {
    if (chance.oneIn(times)) options[name] = chance.pick(values);
  };
  maybe(8, "algorithms", [names, [alg], [chance.pick(names), alg], names.filter((name) => name !== alg), [chance.pick(names)], []]);
  maybe(3, "issuer", ["https://issuer.example", ["https://other.example", "https://issuer.example"], "https://issuer.example", "https://other.example"]);
  maybe(3, "audience", ["api", "api", ["web", "api"], ["web", "tv"]]);
  maybe(5, "subject", ["user", "user", "somebody"]);
  maybe(8, "typ", ["JWT", "at+jwt", "application/at+jwt", "Application/AT+JWT", "a/b", "application/a/b"]);
  maybe(4, "requiredClaims", [[], [], ["exp"], ["jti", "exp"], ["sub", "jti"], ["__proto__"], ["nbf", "iat", "exp"]]);
  maybe(2, "clockTolerance", [0, 1, 5, 60, 0.5]);
  maybe(5, "maxTokenAge", [0, 10, 300, 300, 1e9]);
  maybe(6, "crit", [[], ["ext"], ["ext", "exp"], ["b64"]]);
  return options;
}

function set(chance, round) {
  const used = algorithms.filter(({ alg }) => !alg.startsWith("HS") || chance.oneIn(4));
  const others = used.flatMap((row) => keysOf(row).slice(1).map((key) => keyOf(chance, row, published(key))));
  const keys = [round.keys];
  for (let more = chance.int(3); more > 0; more--) keys.splice(chance.int(keys.length + 1), 0, chance.pick(others));
  if (chance.oneIn(6)) keys.push({ ...round.keys });
  if (chance.oneIn(6)) keys.push(chance.pick([{ kty: "new", kid: round.signer.kid }, { kty: "EC", crv: "P-0", x: "AA", y: "AA" }, {}]));
  if (keys.some((key) => key.kty === "OKP" && key.alg && key.alg !== round.row.alg)) round.tags.push("EdDSA is Ed25519");
  if (keys.some((key) => key.kty === "oct")) round.tags.push("secret in a set");
  round.keys = { keys };
  if (chance.oneIn(40)) {
    round.keys = chance.pick([{ keys: [] }, { keys: {} }, { keys: [1] }, { keys: [null] }, { keys: [[]] }, { keys: "" }]);
    round.faults.push("key set");
  }
}

/** Keys that are private, for something else, weak, damaged or no keys. */
function oddKey(chance, round) {
  const key = round.keys;
  const fault = (change) => (Object.assign(key, change), round.faults.push("key"));
  const tag = (name, change) => (Object.assign(key, change), round.tags.push(name));
  const bytes = (text) => Buffer.from(text ?? "", "base64url");
  const main = { oct: "k", RSA: "n", AKP: "pub" }[key.kty] ?? "x";
  const turns = [
    () => fault({ use: "enc" }),
    () => fault({ key_ops: chance.pick([["encrypt"], [], ["deriveBits"]]) }),
    () => tag("key_ops", { key_ops: chance.pick([["sign"], ["verify", "verify"], ["verify", 1], ["sign", "verify"]]) }),
    () => tag("ext", { ext: chance.pick([1, "true", null]) }),
    () => fault({ alg: chance.pick(["none", "XX256", "RSA-OAEP", "ML-DSA-45", ""]) }),
    () => {
      key.alg = chance.pick(names);
      key.kty !== "AKP" && fitting(key).includes(key.alg) ? round.tags.push("EdDSA is Ed25519") : round.faults.push("key");
    },
    () => fault({ kty: chance.pick([undefined, null, 1, "RSA", "EC", "ec", "AKP", ""]) }),
    () => key.kty !== "oct" && fault({ crv: chance.pick([undefined, 1, "P-257", "X25519", "p-256", "P-521", "secp256k1"]) }) && key.crv === 1 && tag("name that is no string", {}),
    () => fault({ [main]: chance.pick([undefined, 1, "", "A", "AA", "%", null]) }),
    () => fault({ [chance.pick(Object.keys(key))]: undefined }),
    () => tag("key in loose base64", { [main]: chance.pick([`${key[main]}=`, `${key[main]}\n`, ` ${key[main]}`]) }),
    () => fault({ [main]: chance.bytes(key.kty === "oct" ? 40 : bytes(key[main]).length + chance.pick([-1, 0, 0, 1])).toString("base64url") }),
    () => tag("name that is no string", { kid: chance.pick([1, null, true, ["a"]]) }),
    ...(key.kty === "oct" ? [] : [
      () => tag("private key", Object.fromEntries(secrets.map((name) => [name, round.signer[name]]))),
      // A verifier takes the public part, whatever stands beside it.
      () => tag("private key", Object.fromEntries(secrets.map((name) => [name, keysOf(round.row)[1][name]]))),
      () => (tag("private key", Object.fromEntries(secrets.map((name) => [name, round.signer[name]]))), tag("half a private key", {}), fault({ [chance.pick(secrets)]: chance.pick([undefined, "", "AA", 1, "="]) })),
    ]),
    ...kinds({ chance, round, key, fault, tag, bytes }),
  ];
  chance.pick(turns)();
}

/** What can be wrong with keys of one type alone. */
function kinds({ chance, round, key, fault, tag, bytes }) {
  const flipped = (name, at) => Buffer.from(bytes(key[name]).map((byte, index) => (index === at ? byte ^ 1 : byte))).toString("base64url");
  return {
    oct: [() => (tag("weak key", { k: bytes(key.k).subarray(0, chance.int(32)).toString("base64url") }), (round.signer = { ...key }))],
    EC: [
      () => fault({ y: flipped("y", bytes(key.y).length - 1) }),
      () => fault({ x: key.y, y: key.x }),
      () => fault({ x: Buffer.alloc(bytes(key.x).length, chance.pick([0, 0xff])).toString("base64url"), ...(chance.oneIn(2) && { y: Buffer.alloc(bytes(key.x).length).toString("base64url") }) }),
    ],
    OKP: [() => tag("weak key", { x: chance.pick(weakPoints) })],
    RSA: [
      () => fault({ e: chance.pick([undefined, "", "AQ", "Ag", "AA", "Aw", "AQAAAAE", "_____w", 65537]) }),
      () => tag("key in loose base64", { e: chance.pick(["AQAB=", "AQAB\n", " AQAB"]) }),
      () => Object.assign(key, chance.oneIn(2) ? { e: "AAEAAQ" } : { n: Buffer.concat([Buffer.of(0), bytes(key.n)]).toString("base64url") }),
      () => fault({ n: flipped("n", chance.int(bytes(key.n).length)) }),
      () => (fault({ n: rsaKey(WEAK).n, e: rsaKey(WEAK).e }), (round.signer = { ...rsaKey(WEAK), kid: key.kid })),
    ],
    AKP: [() => fault({ alg: chance.pick([undefined, "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"]) })],
  }[key.kty];
}

/** Points of Ed25519 whose order is small: whoever uses one as a key has everybody's signature. */
const weakPoints = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
].map((hex) => Buffer.from(hex, "hex").toString("base64url"));
