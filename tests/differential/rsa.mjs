// RSA keys that are the same in every run, which no library makes: a case can be tried again only with its keys.

import { checkPrimeSync, createHash } from "node:crypto";

/** @type {any[]} */
const pool = [];

/** The private key of that number: three that are strong, and one that nobody should take. */
export const rsaKey = (which) => (pool[which] ??= made([2048, 2048, 3072, 1536][which], `evertoken RSA ${which}`));

export const WEAK = 3;

function made(bits, seed) {
  const e = 65537n;
  const [p, q] = ["p", "q"].map((name) => prime(bits / 2, `${seed} ${name}`, e));
  const n = p * q;
  const d = inverse(e, (p - 1n) * (q - 1n));
  const numbers = { n, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  return { kty: "RSA", ...Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, encoded(number)])) };
}

/** The first prime at or after a number drawn from the seed, whose two highest bits are set: so the product is as long as it should be. */
function prime(bits, seed, e) {
  const drawn = Array.from({ length: Math.ceil(bits / 512) }, (_, at) => createHash("sha512").update(`${seed} ${at}`).digest("hex")).join("");
  let candidate = BigInt.asUintN(bits, BigInt(`0x${drawn}`)) | (3n << BigInt(bits - 2)) | 1n;
  while (candidate % e === 1n || !checkPrimeSync(candidate)) candidate += 2n;
  return candidate;
}

function inverse(number, modulus) {
  let [a, b, x, y] = [number % modulus, modulus, 1n, 0n];
  while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
  return ((x % modulus) + modulus) % modulus;
}

function encoded(number) {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex").toString("base64url");
}
