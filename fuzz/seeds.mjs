// What each fuzz target starts from. Targets that are not here take structures, which libFuzzer finds by itself.

import { generateKeyPairSync } from "node:crypto";

const ec = '{"kty":"EC","crv":"P-256","kid":"ec","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}';
const okp = '{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}';
const oct = '{"kty":"oct","alg":"HS256","key_ops":["sign","verify"],"k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}';

const session = '{"id":"w-epSLrY6ahQLLhN","client":"web","gen":4,"rotated":1795231156,"tags":"cb0a7aa2419a4bd2","absent":false,"past":"0:4bd2,0:7c5d,0:08a2","budget":0,"created":1795231156,"used":1795231156,"idle":604800,"end":1797823156,"access":{"jti":"N0Km3WH9Xf8PQXUn","iat":1795231156,"exp":1795231456,"scope":"a b","permissions":0,"claims":{}},"grant":{"auth_time":1795231156,"acr":"1","amr":["pwd"],"scope":"a b","aud":["api"],"claims":{"x":1},"label":"laptop","user_agent":"ua","ip":"::1"},"denied":[{"jti":"a","exp":1795231456}]}';
const ended = '{"id":"DuDlZ5dfSktjaPD0","why":"revoked","until":1797823156}';

const encoded = (text) => Buffer.from(text).toString("base64url");

/**
 * The input that `arbitrary` makes this variant of: which of how many it is, its bytes, and the rest for its last field.
 * @param {[number, number]} variant
 * @param {number[]} fields
 * @param {string | Buffer} last
 */
function structured([which, many], fields, last) {
  const first = Buffer.alloc(4);
  first.writeUInt32LE(Math.ceil((which * 2 ** 32) / many));
  return Buffer.concat([first, Buffer.from(fields), Buffer.from(last)]);
}

/** Keys of every kind in PEM and, without the armour, in DER. */
function pems() {
  const labels = ["spki", "pkcs8", "pkcs1", "pkcs1", "sec1"];
  const kinds = [[3, "rsa", { modulusLength: 2048 }], [9, "ec", { namedCurve: "P-256" }], [10, "ec", { namedCurve: "P-384" }], [11, "ec", { namedCurve: "P-521" }], [12, "ec", { namedCurve: "secp256k1" }], [13, "ed25519", {}]];
  const all = kinds.flatMap(([algorithm, kind, options]) => {
    const { publicKey, privateKey } = generateKeyPairSync(kind, options);
    return labels.flatMap((type, label) => {
      if ({ pkcs1: "rsa", sec1: "ec" }[type] !== (type.endsWith("1") ? kind : undefined)) return [];
      const key = label === 0 || label === 2 ? publicKey : privateKey;
      return [
        structured([1, 2], [algorithm, label, 63, 0], key.export({ type, format: "der" })),
        structured([0, 2], [algorithm], key.export({ type, format: "pem" })),
      ];
    });
  });
  // Of ML-DSA the bare seed.
  const seed = Buffer.concat([Buffer.from("3034020100300b060960864801650304031104228020", "hex"), Buffer.alloc(32, 7)]);
  return [...all, structured([1, 2], [15, 1, 63, 0], seed)];
}

/** @type {Record<string, (string | Buffer)[]>} */
export const seeds = {
  base64url: ["", "Zg", "Zm8", "Zm9v", "-_-_AA", "QQ==", "QR"],
  json: ['{"a":[1,2.5e-3,-0,true,false,null],"b":{"c":"\\u00e9\\ud83d\\ude00\\n"}}', '{"a":1,"\\u0061":2}', `${"[".repeat(33)}${"]".repeat(33)}`, ' [ 1e400 , "é😀" ] ', '"\\ud800"'],
  compact: [
    [encoded('{"alg":"HS256","kid":"k","typ":"at+jwt"}'), encoded('{"sub":"me","exp":2000,"aud":["a","b"]}'), "AAEC"].join("."),
    [encoded('{"alg":"ES256","crit":["b64"],"b64":true}'), "e30", ""].join("."),
    "..",
  ],
  jwk: [ec, okp, oct],
  jwks: [`{"keys":[${ec},${okp},${oct}]}`, '{"keys":[]}'],
  pem: pems(),
  account: [
    `{"v":1,"subject":"ada","permissions":0,"not_before":0,"sessions":[${session}],"ended":[${ended}]}`,
    '{"v":1,"subject":"","permissions":3,"not_before":5,"sessions":[],"ended":[]}',
    '{"v":2}',
  ],
};
