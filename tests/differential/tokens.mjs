// Tokens: good ones, ones at the edges, and ones that were tampered with.

import { algorithms, fitting, keysOf, names, rowOf, weighted } from "./keys.mjs";
import { odd, spoilt, written } from "./json.mjs";

/** @typedef {import("./random.mjs").Random} Random */
/** @typedef {import("./rounds.mjs").Round} Round */
/** @typedef {import("./json.mjs").Members} Members */
/** @typedef {{ text: string, tags: string[], faults: string[], claimsRules: boolean }} Token `claimsRules`: whether its payload is to be claims */

/** A token for this round's verifier, which may or may not accept it. @returns {Token} */
export function token(chance, given) {
  // What a key can do is more than one thing; what it may do is for the verifier to say.
  const round = chance.oneIn(6) ? { ...given, row: rowOf(chance.pick(fitting(given.signer))) } : given;
  const tags = [...round.tags];
  if (round.row !== given.row && round.signer.kty === "OKP") tags.push("EdDSA is Ed25519");
  const faults = [...round.faults];
  const claimsRules = !chance.oneIn(12);
  const header = part(chance, headerMembers(chance, round, tags, faults), 40, "header", tags, faults);
  const payload = claimsRules
    ? part(chance, claimsMembers(chance, round, tags), 30, "payload", tags, faults)
    : chance.bytes(chance.int(60));
  const input = `${encode(chance, header, tags, faults)}.${encode(chance, payload, tags, faults)}`;
  const text = tampered(chance, input, signature(chance, round, input, tags, faults), tags, faults);
  return { text, tags, faults, claimsRules };
}

/** @returns {Members} */
function headerMembers(chance, round, tags, faults) {
  /** @type {Members} */
  const members = [["alg", JSON.stringify(round.row.alg)]];
  const put = (name, value) => {
    const at = members.findIndex(([own]) => own === name);
    const member = ([name, JSON.stringify(value)]);
    at < 0 ? members.splice(chance.int(members.length + 1), 0, member) : (members[at] = member);
  };
  if (!chance.oneIn(3)) put("kid", chance.oneIn(8) ? chance.pick(["nobody", "", keysOf(chance.pick(algorithms))[1].kid]) : round.signer.kid);
  if (chance.oneIn(2)) put("typ", chance.pick(["JWT", "jwt", "at+jwt", "application/at+jwt", "APPLICATION/at+JWT", "a/b", "application/a/b", ""]));
  if (chance.oneIn(30)) {
    faults.push("alg");
    const value = chance.pick(["none", "None", "nOnE", "", "hs256", "HS256 ", "XX999", 1, null, ["HS256"], ...names, ...names]);
    value === null && chance.oneIn(2) ? members.splice(members.findIndex(([name]) => name === "alg"), 1) : put("alg", value);
    tags.push("alg", "EdDSA is Ed25519");
    if (round.signer.kty === "oct" && /^HS/.test(value) && !fitting(round.signer).includes(value)) tags.push("weak key");
  }
  if (chance.oneIn(40)) {
    tags.push("name that is no string");
    put(chance.pick(["kid", "typ"]), chance.pick([1, null, {}, ["JWT"], false]));
  }
  if (chance.oneIn(40)) {
    put("crit", chance.pick([["b64"], ["ext"], ["ext", "b64"], [], ["exp"], ["alg"], ["ext", "ext"], "b64", [1], [""], ["constructor"], null]));
    if (chance.oneIn(2)) put("ext", chance.pick([1, null, "x"]));
    if (chance.oneIn(2)) put("exp", 1);
    tags.push("crit");
    faults.push("crit");
  }
  if (chance.oneIn(60)) {
    put("b64", chance.pick([true, false, false, "false", 0, null]));
    tags.push("b64");
    faults.push("b64");
  }
  // A key or an address of one in the token: nobody may even look at it.
  if (chance.oneIn(30)) put(chance.pick(["jwk", "x5c", "x5u", "jku"]), chance.pick([{ kty: "oct", k: "AAAA" }, "https://attacker.example/keys", ["AAAA"]]));
  return members;
}

/** @returns {Members} */
function claimsMembers(chance, round, tags) {
  /** @type {Members} */
  const members = [];
  const put = (name, value) => void members.push([name, JSON.stringify(value)]);
  const now = Math.floor(round.now / 1000);
  const { clockTolerance = 5, maxTokenAge = 0 } = round.options;
  /** An instant around the one at which the answer turns. */
  const around = (edge) => edge + chance.pick([0, 0, 1, -1, 0.5, -0.5, 0.001, 100, -100, 1e9, -1e9]);
  const instant = (name, edge, safe) => {
    if (chance.oneIn(25)) {
      const value = chance.pick(["1e308", "-1e308", "0", "-1", "1e400", "-1e400", '"1700000000"', "null", "true", "[1]", "{}", '"soon"', "1.7e9", "17E8", "1700000000.0000001"]);
      if (/e400$/.test(value)) tags.push("infinite");
      return void members.push([name, value]);
    }
    put(name, chance.oneIn(4) ? around(edge) : safe);
  };
  if (!chance.oneIn(12)) instant("exp", now - clockTolerance, now + 300);
  if (chance.oneIn(2)) instant("iat", chance.oneIn(2) ? now + clockTolerance : now - clockTolerance - maxTokenAge, now - 5);
  if (chance.oneIn(4)) instant("nbf", now + clockTolerance, now - 5);
  if (!chance.oneIn(10)) put("iss", chance.oneIn(15) ? chance.pick(["https://attacker.example", 1, ["https://issuer.example"], null]) : "https://issuer.example");
  if (!chance.oneIn(10)) put("aud", chance.oneIn(5) ? chance.pick(["web", ["web", "api"], ["api"], [], [1, "api"], [["api"]], 1, null, {}, "API"]) : "api");
  if (!chance.oneIn(10)) put("sub", chance.oneIn(15) ? chance.pick(["root", 1, null, ["user"]]) : "user");
  if (chance.oneIn(3)) put("jti", "id");
  if (chance.oneIn(200)) put("long", "x".repeat(chance.pick([1000, 65_000, 200_000])));
  if (members.at(-1)?.[1].length > 100_000) tags.push("too long");
  return members;
}

/** The text of one part, rarely an odd or a spoilt one. */
function part(chance, members, rarely, name, tags, faults) {
  if (chance.oneIn(rarely)) {
    const [tag, change] = chance.pick(odd);
    if (tag) (tags.push(tag), faults.push(name));
    members = change(chance, members);
  }
  const text = written(chance, members);
  if (!chance.oneIn(rarely)) return text;
  const [tag, spoil] = chance.pick(spoilt);
  tags.push(tag);
  faults.push(name);
  return spoil(chance, text);
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** In base64url, rarely not in its one right form. */
function encode(chance, bytes, tags, faults) {
  const text = Buffer.from(bytes).toString("base64url");
  if (!chance.oneIn(60)) return text;
  tags.push("loose base64");
  faults.push("base64");
  return loose(chance, text);
}

function loose(chance, text) {
  const at = chance.int(text.length + 1);
  const spare = { 2: 16, 3: 4 }[text.length % 4] ?? 1;
  const last = alphabet.indexOf(text.at(-1) ?? "A");
  return chance.pick([
    `${text}=`, `${text}==`, text + "=".repeat((4 - (text.length % 4)) % 4), `${text}A`,
    `${text.slice(0, at)}${chance.pick(["\n", " ", "\t", "+", "/", "%", "é", "\0", "="])}${text.slice(at)}`,
    text.slice(0, -1) + alphabet[last ^ (1 + chance.int(spare - 1 || 1))],
    text.replaceAll("-", "+").replaceAll("_", "/"),
  ]);
}

/** The signature, rarely another one. */
function signature(chance, round, input, tags, faults) {
  const isWeakPoint = round.signer.kty === "OKP" && round.tags.includes("weak key");
  if (isWeakPoint && chance.oneIn(2)) return anybodys;
  const good = round.row.sign(round.signer, input);
  if (!chance.oneIn(12)) return good;
  faults.push("signature");
  const flipped = Buffer.from(good);
  flipped[chance.int(good.length)] ^= 1 << chance.int(8);
  const other = chance.pick(weighted);
  return chance.pick([
    flipped,
    Buffer.alloc(0),
    Buffer.alloc(good.length),
    Buffer.alloc(good.length, 0xff),
    good.subarray(0, good.length - 1),
    Buffer.concat([good, Buffer.of(0)]),
    Buffer.concat([good, good]),
    halfZero(good, 0),
    halfZero(good, 1),
    malleated(good, round, faults),
    round.row.sign(keysOf(round.row)[1], input),
    round.row.sign(round.signer, `${input}x`),
    other.sign(keysOf(other)[0], input),
    // HMAC keyed with what everybody can read: the public key.
    algorithms[0].sign({ k: Buffer.from(JSON.stringify(round.keys)).toString("base64url") }, input),
    anybodys,
  ]);
}

/** What "signs" everything under a key of small order. */
const anybodys = Buffer.concat([Buffer.of(1), Buffer.alloc(63)]);

const halfZero = (good, which) => {
  const middle = good.length >> 1;
  return Buffer.from(good).fill(0, which * middle, which ? good.length : middle);
};

const orders = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512: 0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  ES256K: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  Ed25519: 2n ** 252n + 27742317777372353535851937790883648493n,
};

/** Another signature over the same bytes: ECDSA has two, Ed25519 and RSA have one that must be refused. */
function malleated(good, { row: { alg }, signer }, faults) {
  const number = (bytes) => BigInt(`0x${bytes.toString("hex")}`);
  const written = (value, length) => Buffer.from(value.toString(16).padStart(2 * length, "0").slice(-2 * length), "hex");
  const half = good.length >> 1;
  if (signer.kty === "EC") {
    faults.pop();
    return Buffer.concat([good.subarray(0, half), written(orders[alg] - number(good.subarray(half)), half)]);
  }
  if (signer.kty === "OKP") {
    const s = orders.Ed25519 + number(Buffer.from(good.subarray(32)).reverse());
    return Buffer.concat([good.subarray(0, 32), written(s, 32).reverse()]);
  }
  if (signer.kty !== "RSA") return good.subarray(1);
  const sum = number(good) + number(Buffer.from(signer.n, "base64url"));
  return written(sum, good.length + Number(sum >> BigInt(8 * good.length) > 0n));
}

/** The whole, rarely with a part missing, added or changed after signing. */
function tampered(chance, input, signature, tags, faults) {
  const text = `${input}.${encode(chance, signature, tags, faults)}`;
  if (!chance.oneIn(25)) return text;
  faults.push("form");
  const at = chance.int(text.length);
  const change = chance.pick([
    () => input,
    () => `${text}.`,
    () => `${text}.AAAA`,
    () => `.${text}`,
    () => text.replace(".", ""),
    () => text.slice(0, at),
    () => text.slice(at),
    () => "",
    () => "..",
    () => `Bearer ${text}`,
    () => (tags.push("loose base64"), `${text}${chance.pick(["\n", " ", "\0"])}`),
    () => (tags.push("loose base64"), text.slice(0, at) + chance.pick([...alphabet, "=", "é"]) + text.slice(at + 1)),
    () => (tags.push("loose base64"), text.slice(0, at) + chance.pick([...alphabet]) + text.slice(at)),
  ]);
  return change();
}
