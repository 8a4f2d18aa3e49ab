// The facades over the built modules, with jose as the other side; both entries, every algorithm present.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as jose from "jose";
import { decoding } from "../../src/js/decode.js";
import * as edge from "../../src/js/edge/node.js";
import { lazily } from "../../src/js/module.js";
import * as main from "../../src/js/node.js";

const entries = { main, edge };
const algorithms = [
  "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
];
const now = () => Math.floor(Date.now() / 1000);
const secret = new Uint8Array(32).fill(7);

const keyOf = Object.fromEntries(await Promise.all(algorithms.map(async (alg) => [alg, await edge.generateKey(alg, { kid: alg })])));
const publicOf = (alg) => (alg.startsWith("HS") ? keyOf[alg] : edge.publicJwk(keyOf[alg]));

const signed = async (alg, claims, header = {}) =>
  new jose.SignJWT(claims).setProtectedHeader({ alg, kid: alg, ...header }).sign(await jose.importJWK(keyOf[alg], alg));
const fresh = (claims = {}) => ({ sub: "me", exp: now() + 60, ...claims });

const refused = (promise, expected) =>
  assert.rejects(promise, (error) => {
    assert.ok(main.isTokenError(error) && error instanceof main.TokenError && error instanceof Error, String(error));
    assert.equal(error.name, "TokenError");
    for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, `${name} of ${error.code}`);
    assert.ok(error.message.length > 10);
    return true;
  });

for (const [entry, { createVerifier }] of Object.entries(entries)) {
  for (const alg of algorithms) {
    test(`${entry}: verifies what jose signs with ${alg}`, async () => {
      const token = await signed(alg, fresh({ nested: { list: [1, { deep: true }] } }), { typ: "at+jwt" });
      for (const keys of [publicOf(alg), { keys: algorithms.map(publicOf) }, keyOf[alg]]) {
        const verifier = createVerifier({ keys, typ: "application/at+jwt" });
        await verifier.ready;
        const { header, claims } = await verifier.verify(token);
        assert.deepEqual(header, { alg, kid: alg, typ: "at+jwt" });
        assert.equal(claims.sub, "me");
        assert.deepEqual(claims.nested, { list: [1, { deep: true }] });
        assert.ok([header, claims, claims.nested, claims.nested.list, claims.nested.list[1]].every(Object.isFrozen));
        verifier.dispose();
      }
    });

    test(`${entry}: refuses ${alg} tokens whose bytes were changed`, async () => {
      const token = await signed(alg, fresh());
      const { verify } = createVerifier({ keys: publicOf(alg) });
      const [header, payload, signature] = token.split(".");
      const forged = jose.base64url.encode(JSON.stringify(fresh({ sub: "you" })));
      await refused(verify([header, forged, signature].join(".")), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED", retryable: false });
      await refused(verify([header, payload, ""].join(".")), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
      await refused(verify([header, payload].join(".")), { code: "ERR_JWS_INVALID" });
      await refused(verify(`${token}.`), { code: "ERR_JWS_INVALID" });
      await refused(verify(`${token}=`), { code: "ERR_JWS_INVALID" });
    });
  }

  test(`${entry}: V2, no algorithm but the keys' own`, async () => {
    const { verify } = createVerifier({ keys: publicOf("ES256") });
    const payload = jose.base64url.encode(JSON.stringify(fresh()));
    for (const alg of ["none", "NONE", "nOnE"]) {
      const header = jose.base64url.encode(JSON.stringify({ alg }));
      await refused(verify(`${header}.${payload}.`), { code: "ERR_JOSE_ALG_NOT_ALLOWED" });
    }
    const confused = new TextEncoder().encode(JSON.stringify(publicOf("ES256")));
    const token = await new jose.SignJWT(fresh()).setProtectedHeader({ alg: "HS256" }).sign(confused);
    await refused(verify(token), { code: "ERR_JOSE_ALG_NOT_ALLOWED" });
    const narrowed = createVerifier({ keys: { keys: algorithms.map(publicOf) }, algorithms: ["ES256"] });
    await refused(narrowed.verify(await signed("EdDSA", fresh())), { code: "ERR_JOSE_ALG_NOT_ALLOWED" });
  });

  test(`${entry}: V2, a key in the token is not looked at`, async () => {
    const thief = await jose.generateKeyPair("ES256", { extractable: true });
    const jwk = await jose.exportJWK(thief.publicKey);
    const token = await new jose.SignJWT(fresh()).setProtectedHeader({ alg: "ES256", jwk }).sign(thief.privateKey);
    await refused(createVerifier({ keys: publicOf("ES256") }).verify(token), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
  });

  test(`${entry}: V2, critical extensions`, async () => {
    const token = await new jose.SignJWT(fresh())
      .setProtectedHeader({ alg: "HS256", crit: ["x"], x: 1 })
      .sign(secret, { crit: { x: true } });
    const keys = { secret, alg: "HS256" };
    await refused(createVerifier({ keys }).verify(token), { code: "ERR_JOSE_NOT_SUPPORTED" });
    assert.equal((await createVerifier({ keys, crit: ["x"] }).verify(token)).claims.sub, "me");
  });

  test(`${entry}: V3 and V4, answers as jose answers`, async () => {
    const at = 1_000_000;
    const key = await jose.importJWK(publicOf("ES256"), "ES256");
    const claimsSets = [
      {}, { exp: at }, { exp: at + 1 }, { exp: at - 4 }, { exp: at - 5 }, { exp: at + 0.5 }, { exp: -1 }, { exp: 1e308 }, { exp: "1000001" },
      { exp: null }, { exp: at + 9, nbf: at }, { exp: at + 9, nbf: at + 5 }, { exp: at + 9, nbf: at + 6 }, { exp: at + 9, nbf: "0" },
      { exp: at + 9, iat: at + 60 }, { exp: at + 9, iat: at - 60 }, { exp: at + 9, iat: at - 66 }, { exp: at + 9, iat: "1" },
      { exp: at + 9, aud: "a" }, { exp: at + 9, aud: ["x", "b"] }, { exp: at + 9, aud: [] }, { exp: at + 9, aud: "x" },
      { exp: at + 9, iss: "i" }, { exp: at + 9, iss: ["i"] }, { exp: at + 9, sub: "s", iss: "j", aud: "b", iat: at - 1 },
    ];
    const policies = [
      {}, { clockTolerance: 0 }, { clockTolerance: 5 }, { maxTokenAge: 60 }, { maxTokenAge: 60, clockTolerance: 5 }, { audience: "a" },
      { audience: ["a", "b"] }, { issuer: "i" }, { issuer: ["i", "j"] }, { subject: "s" }, { typ: "at+jwt" }, { typ: "application/AT+jwt" },
      { requiredClaims: ["sub", "exp"] }, { requiredClaims: [] }, { issuer: ["i", "j"], audience: ["b"], subject: "s", maxTokenAge: 60 },
    ];
    let compared = 0;
    for (const claims of claimsSets) {
      for (const typ of ["at+jwt", "JWT"]) {
        const token = await signed("ES256", claims, { typ });
        for (const policy of policies) {
          const full = { clockTolerance: 5, requiredClaims: ["exp"], ...policy };
          const theirs = await jose.jwtVerify(token, key, { ...full, currentDate: new Date(at * 1000 + 400) }).then(() => "accepted", describe);
          const verifier = createVerifier({ keys: publicOf("ES256"), ...policy, now: () => at * 1000 + 400 });
          const ours = await verifier.verify(token).then(() => "accepted", describe);
          assert.equal(ours, theirs, JSON.stringify({ claims, typ, policy }));
          compared += 1;
        }
      }
    }
    assert.equal(compared, claimsSets.length * 2 * policies.length);
  });

  test(`${entry}: what is said per call goes before what was said once`, async () => {
    const token = await signed("ES256", fresh({ aud: "a" }));
    const { verify } = createVerifier({ keys: publicOf("ES256"), audience: "b" });
    await refused(verify(token), { code: "ERR_JWT_CLAIM_VALIDATION_FAILED", claim: "aud", reason: "check_failed" });
    assert.equal((await verify(token, { audience: ["a"] })).claims.aud, "a");
    await refused(verify(token, { audience: "a", subject: "you" }), { claim: "sub" });
    await refused(verify(token, { audience: "a", requiredClaims: ["sid"] }), { claim: "sid", reason: "missing" });
    await refused(verify(token, { issuer: "x" }), { code: "ERR_OPTIONS", option: "issuer" });
  });

  test(`${entry}: a key set gives the one key that is named`, async () => {
    const [a, b] = await Promise.all(["a", "b"].map((kid) => edge.generateKey("ES256", { kid })));
    const { verify } = createVerifier({ keys: { keys: [a, b].map(edge.publicJwk) } });
    const by = (key, kid) => jose.importJWK(key, "ES256").then((k) => new jose.SignJWT(fresh()).setProtectedHeader({ alg: "ES256", kid }).sign(k));
    assert.equal((await verify(await by(b, "b"))).claims.sub, "me");
    await refused(verify(await by(b, "a")), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
    await refused(verify(await by(b, "c")), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    await refused(verify(await by(b)), { code: "ERR_JWKS_MULTIPLE_MATCHING_KEYS" });
  });

  test(`${entry}: verifySignature takes any payload`, async () => {
    const key = await jose.importJWK(keyOf.EdDSA, "EdDSA");
    const bytes = new Uint8Array([0, 255, 1]);
    const jws = await new jose.CompactSign(bytes).setProtectedHeader({ alg: "EdDSA" }).sign(key);
    const verifier = createVerifier({ keys: publicOf("EdDSA") });
    for (const form of [jws, new TextEncoder().encode(jws)]) {
      const { header, payload } = await verifier.verifySignature(form);
      assert.deepEqual([header, payload], [{ alg: "EdDSA" }, bytes]);
    }
    await refused(verifier.verifySignature(jws.slice(0, -4) + "AAAA"), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
  });

  test(`${entry}: wrong options are named, by ready and by every method`, async () => {
    const keys = publicOf("ES256");
    for (const [options, option] of [
      [undefined, "keys"],
      [{}, "keys"],
      [{ keys: "x" }, "keys"],
      [{ keys, audiance: "a" }, "audiance"],
      [{ keys, issuer: "" }, "issuer"],
      [{ keys, issuer: [] }, "issuer"],
      [{ keys, audience: null }, "audience"],
      [{ keys, clockTolerance: "5" }, "clockTolerance"],
      [{ keys, clockTolerance: -1 }, "clockTolerance"],
      [{ keys, maxTokenAge: NaN }, "maxTokenAge"],
      [{ keys, algorithms: ["none"] }, "algorithms"],
      [{ keys, now: 5 }, "now"],
      [{ keys: { secret, alg: "ES512" } }, "keys.alg"],
      [{ keys: { secret: "text", alg: "HS256" } }, "keys.secret"],
      [{ keys: { pem: "-----BEGIN" } }, "keys.alg"],
      [{ keys: { url: "http://issuer.example/jwks" } }, "keys.url"],
    ]) {
      const verifier = createVerifier(options);
      await refused(verifier.ready, { code: "ERR_OPTIONS", option });
      await refused(verifier.verify("x"), { code: "ERR_OPTIONS", option });
      await refused(verifier.verifySignature("x"), { code: "ERR_OPTIONS", option });
      assert.throws(() => verifier.verifySync("x"), { code: "ERR_OPTIONS", option });
    }
    await refused(createVerifier({ keys: { kty: "oct", k: "AAAA" } }).ready, { code: "ERR_JWK_INVALID" });
    await refused(createVerifier({ keys: { kty: "RSA", n: "AQAB", e: "AQAB" } }).ready, { code: "ERR_JWK_INVALID", claim: "n" });
    await refused(createVerifier({ keys: { keys: [1] } }).ready, { code: "ERR_JWKS_INVALID" });
    const offCurve = { ...keys, y: keys.x };
    await refused(createVerifier({ keys: offCurve }).verify(await signed("ES256", fresh())), { code: "ERR_JWK_INVALID" });
  });

  test(`${entry}: what is no token is refused, never a crash`, async () => {
    const { verify } = createVerifier({ keys: publicOf("ES256") });
    for (const token of [undefined, null, 5, {}, "", "a.b.c", "é.é.é", "\ud800", ".".repeat(9), "A".repeat(1 << 20)]) {
      await refused(verify(token), { code: "ERR_JWS_INVALID" });
    }
  });

  test(`${entry}: a verifier is a frozen object of bound functions, and ends`, async () => {
    const verifier = createVerifier({ keys: publicOf("ES256") });
    assert.ok(Object.isFrozen(verifier));
    const { verify, dispose } = verifier;
    const verifying = verify(await signed("ES256", fresh()));
    assert.equal((await verifying).claims.sub, "me");
    const late = verify(await signed("ES256", fresh()));
    dispose();
    dispose();
    await late.catch(() => {});
    await refused(verify("x"), { code: "ERR_NOT_READY" });
  });

  test(`${entry}: decode and expiresIn read without verifying`, async () => {
    const { decode, decodeSync, expiresIn, expiresInSync } = entries[entry];
    const token = await signed("HS256", { sub: "é😀", exp: 100 }, { typ: "JWT" });
    assert.deepEqual(await decode(token), { header: { alg: "HS256", kid: "HS256", typ: "JWT" }, claims: { sub: "é😀", exp: 100 } });
    assert.ok(Object.isFrozen(decodeSync(token).claims));
    assert.equal(await expiresIn(token, { now: () => 40_000 }), 60);
    assert.equal(expiresInSync(token, { now: () => 101_500 }), -1.5);
    assert.equal(await expiresIn(await signed("HS256", {})), null);
    for (const bad of ["", "a.b.c", undefined, `${token}=`]) {
      await refused(decode(bad), { code: "ERR_JWT_INVALID" });
      assert.throws(() => expiresInSync(bad), { code: "ERR_JWT_INVALID" });
    }
  });
}

test("edge: verifySync gives what verify gives", async () => {
  for (const alg of algorithms) {
    const token = await signed(alg, fresh());
    const verifier = edge.createVerifier({ keys: publicOf(alg) });
    assert.deepEqual(verifier.verifySync(token), await verifier.verify(token));
    assert.throws(() => verifier.verifySync(`${token.slice(0, -8)}AAAAAAAA`), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
  }
});

test("an option that throws when it is read is an error, not an option left out", async () => {
  const options = { keys: publicOf("ES256"), get audience() { throw new Error("no"); } };
  await refused(edge.createVerifier(options).ready, { code: "ERR_OPTIONS", option: "audience" });
});

test("a ready that nobody waits for is no unhandled rejection", async () => {
  let unhandled = 0;
  const count = () => (unhandled += 1);
  process.on("unhandledRejection", count);
  const { ready, verify } = edge.createVerifier({});
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", count);
  assert.equal(unhandled, 0);
  await refused(ready, { option: "keys" });
  await refused(verify("x"), { option: "keys" });
});

test("a wasm module that cannot be loaded is a TokenError, and the next call tries again", async () => {
  let tries = 0;
  const glue = { default: async () => { if ((tries += 1) === 1) throw new TypeError("Failed to fetch"); }, decode: () => "{}" };
  const { decode } = decoding(lazily(glue, { later: () => "x" }));
  await refused(decode("x"), { code: "ERR_NOT_READY", retryable: true });
  assert.deepEqual(await decode("x"), {});
});

test("edge: without node:crypto, wasm and WebCrypto take its place", () => {
  const program = `
    process.getBuiltinModule = undefined;
    const { createSigner, createVerifier, generateKey, publicJwk } = await import(${JSON.stringify(new URL("../../src/js/edge/node.js", import.meta.url).href)});
    const said = [];
    for (const alg of ["ES256", "EdDSA", "RS256", "ES512"]) {
      const key = await generateKey(alg);
      const signer = createSigner({ key, expiresIn: 60 });
      const verifier = createVerifier({ keys: publicJwk(key) });
      const token = await signer.sign({});
      await verifier.verify(token);
      const tried = (call) => { try { call(); return "ok"; } catch (error) { return error.code; } };
      said.push([alg, tried(() => signer.signSync({})), tried(() => verifier.verifySync(token))].join(" "));
    }
    console.log(said.join());
  `;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  const none = "ERR_JOSE_NOT_SUPPORTED";
  assert.equal(said.trim(), `ES256 ok ok,EdDSA ok ok,RS256 ${none} ok,ES512 ${none} ${none}`);
});

test("main: verifySync says that it takes a promise", async () => {
  const verifier = main.createVerifier({ keys: publicOf("ES256") });
  assert.throws(() => verifier.verifySync("x.y.z"), { code: "ERR_JWS_INVALID" });
  const token = await signed("ES256", fresh());
  assert.throws(() => verifier.verifySync(token), { code: "ERR_SYNC_UNAVAILABLE" });
});

for (const alg of algorithms) {
  test(`jose accepts what createSigner signs with ${alg}, with zero tolerance, at once`, async () => {
    const signer = edge.createSigner({ key: keyOf[alg], issuer: "i", audience: ["a", "b"], expiresIn: 60, typ: "at+jwt" });
    const key = await jose.importJWK(publicOf(alg), alg);
    const options = { issuer: "i", audience: "a", subject: "me", typ: "at+jwt", clockTolerance: 0, maxTokenAge: 60, requiredClaims: ["exp", "jti"] };
    const tokens = [await signer.sign({ list: [1.5] }, { subject: "me", jwtId: "1" })];
    tokens.push(signer.signSync({ list: [1.5] }, { subject: "me", jwtId: "1" }));
    for (const token of tokens) {
      const { payload, protectedHeader } = await jose.jwtVerify(token, key, options);
      assert.deepEqual(protectedHeader, { alg, kid: alg, typ: "at+jwt" });
      assert.deepEqual(payload.list, [1.5]);
      assert.equal(payload.exp, payload.iat + 60);
    }
  });
}

test("a signer's defaults: typ JWT, iat rounded down, claims of one's own win", async () => {
  const signer = edge.createSigner({ key: keyOf.HS256, kid: "other", now: () => 5_999 });
  const { header, claims } = edge.decodeSync(await signer.sign({ sub: "mine" }, { subject: "theirs", audience: "one", expiresIn: 10 }));
  assert.deepEqual(header, { alg: "HS256", kid: "other", typ: "JWT" });
  assert.deepEqual(claims, { sub: "mine", aud: "one", iat: 5, exp: 15 });
});

test("a signer names wrong options at once, and refuses what is no claims set", async () => {
  const key = keyOf.ES256;
  for (const [options, expected] of [
    [{}, { code: "ERR_OPTIONS", option: "key" }],
    [{ key, expiresin: 5 }, { code: "ERR_OPTIONS", option: "expiresin" }],
    [{ key, expiresIn: "5m" }, { code: "ERR_OPTIONS", option: "expiresIn" }],
    [{ key: publicOf("ES256") }, { code: "ERR_JWK_INVALID" }],
    [{ key: { kty: "EC" } }, { code: "ERR_JOSE_NOT_SUPPORTED" }],
  ]) {
    assert.throws(() => edge.createSigner(options), (error) => edge.isTokenError(error) && Object.entries(expected).every(([k, v]) => error[k] === v));
  }
  const circular = {};
  circular.self = circular;
  for (const claims of [undefined, null, 5, "x", [], circular]) {
    await refused(edge.createSigner({ key }).sign(claims), { code: "ERR_JWT_INVALID" });
  }
});

const rare = ["ES256K", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];

for (const alg of rare) {
  test(`edge: ${alg} is signed and verified in wasm, with and without a promise`, async () => {
    const [key, other] = await Promise.all([edge.generateKey(alg), edge.generateKey(alg)]);
    const signer = edge.createSigner({ key, expiresIn: 60 });
    const verifier = edge.createVerifier({ keys: edge.publicJwk(key) });
    for (const token of [await signer.sign({ sub: "me" }), signer.signSync({ sub: "me" })]) {
      assert.deepEqual(await verifier.verify(token), verifier.verifySync(token));
      const [header, , signature] = token.split(".");
      const forged = [header, jose.base64url.encode(JSON.stringify(fresh())), signature].join(".");
      await refused(verifier.verify(forged), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
      await refused(edge.createVerifier({ keys: other }).verify(token), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
      await refused(edge.createVerifier({ keys: publicOf("ES256") }).verify(token), { code: "ERR_JOSE_ALG_NOT_ALLOWED" });
      // Where the host lacks the algorithm, the error says what to import instead.
      const here = main.createVerifier({ keys: edge.publicJwk(key) }).verify(token);
      await here.then(({ claims }) => assert.equal(claims.sub, "me"), (error) => {
        assert.equal(error.code, "ERR_JOSE_NOT_SUPPORTED");
        assert.match(error.message, /fallback: \(\) => import\("evertoken\/edge"\)/);
      });
    }
    const mixed = { ...key, ...(key.d ? { d: other.d } : { priv: other.priv }) };
    await refused(edge.createSigner({ key: mixed }).sign({}), { code: "ERR_JWK_INVALID" });
  });
}

test("edge: ES256K takes what node:crypto signs, and the reverse", async () => {
  const { createPrivateKey, createPublicKey, sign, verify } = await import("node:crypto");
  const key = await edge.generateKey("ES256K");
  const privateKey = createPrivateKey({ key, format: "jwk" });
  const verifier = edge.createVerifier({ keys: edge.publicJwk(key) });
  const part = (value) => jose.base64url.encode(JSON.stringify(value));
  // Half of these signatures are in the upper half of the curve's order, which some refuse.
  for (let n = 0; n < 16; n++) {
    const input = `${part({ alg: "ES256K" })}.${part(fresh({ n }))}`;
    const signature = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
    assert.equal((await verifier.verify(`${input}.${jose.base64url.encode(signature)}`)).claims.n, n);
  }
  const token = await edge.createSigner({ key }).sign({});
  const at = token.lastIndexOf(".");
  const theirs = { key: createPublicKey(privateKey), dsaEncoding: "ieee-p1363" };
  assert.ok(verify("sha256", Buffer.from(token.slice(0, at)), theirs, jose.base64url.decode(token.slice(at + 1))));
});

test("private parts that are not the public part's sign nothing", async () => {
  for (const alg of ["RS256", "PS512", "ES256", "ES384", "ES512", "Ed25519"]) {
    const other = await edge.generateKey(alg);
    const key = { ...other, ...publicOf(alg) };
    await refused(edge.createSigner({ key }).sign({}), { code: "ERR_JWK_INVALID" });
  }
});

test("a key for no one algorithm verifies all that its kind allows", async () => {
  const { alg, kid, ...rsa } = publicOf("RS256");
  const { alg: shared, kid: named, ...oct } = keyOf.HS512;
  for (const [entry, { createVerifier }] of Object.entries(entries)) {
    const secret = jose.base64url.decode(oct.k);
    const verifiers = { RS: createVerifier({ keys: rsa }), PS: createVerifier({ keys: rsa }), HS: createVerifier({ keys: oct }) };
    for (const name of algorithms.filter((name) => /^(RS|PS|HS)/.test(name))) {
      const key = name.startsWith("HS") ? secret : await jose.importJWK({ ...keyOf.RS256, alg: name }, name);
      const token = await new jose.SignJWT(fresh()).setProtectedHeader({ alg: name }).sign(key);
      assert.equal((await verifiers[name.slice(0, 2)].verify(token)).claims.sub, "me", `${entry} ${name}`);
    }
  }
});

test("generateKey, publicJwk and thumbprint agree with jose", async () => {
  for (const alg of [...algorithms.filter((alg) => !alg.startsWith("HS")), ...rare]) {
    const key = await edge.generateKey(alg);
    assert.equal(key.alg, alg);
    assert.equal(key.kid, await jose.calculateJwkThumbprint(key));
    assert.equal(await edge.thumbprint(key), key.kid);
    const { d, p, q, dp, dq, qi, priv, ...rest } = key;
    assert.equal(typeof (d ?? priv), "string");
    assert.deepEqual(edge.publicJwk(key), rest);
    assert.notEqual((await edge.generateKey(alg)).kid, key.kid);
  }
  for (const [alg, length] of [["HS256", 32], ["HS384", 48], ["HS512", 64]]) {
    const shared = await edge.generateKey(alg);
    assert.equal(jose.base64url.decode(shared.k).length, length);
    assert.throws(() => edge.publicJwk(shared), { code: "ERR_JWK_INVALID" });
  }
  await refused(edge.generateKey("none"), { code: "ERR_OPTIONS", option: "alg" });
});

test("PEM in, JWK out, in every form that openssl writes", async () => {
  const { createPrivateKey, createPublicKey } = await import("node:crypto");
  for (const alg of ["RS256", "PS384", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519"]) {
    const key = await edge.generateKey(alg);
    const privateKey = createPrivateKey({ key, format: "jwk" });
    const publicKey = createPublicKey(privateKey);
    const form = (from, type) => from.export({ type, format: "pem" });
    const older = { rsa: [["pkcs1"], ["pkcs1"]], ec: [["sec1"], []], ed25519: [[], []] }[privateKey.asymmetricKeyType];
    for (const type of ["pkcs8", ...older[0]]) assert.deepEqual(await edge.importKey(form(privateKey, type), alg), key, `${alg} ${type}`);
    const token = await edge.createSigner({ key }).sign(fresh());
    for (const type of ["spki", ...older[1]]) {
      const pem = form(publicKey, type);
      assert.deepEqual(await edge.importKey(pem, alg, { kid: "mine" }), { ...edge.publicJwk(key), kid: "mine" });
      assert.equal((await edge.createVerifier({ keys: { pem, alg } }).verify(token)).claims.sub, "me");
      if (alg !== "ES256K") assert.equal((await main.createVerifier({ keys: { pem: pem.replaceAll("\n", "\r\n"), alg } }).verify(token)).claims.sub, "me");
      await refused(edge.importKey(pem, alg === "ES256" ? "ES384" : "ES256"), { code: "ERR_JWK_INVALID" });
      await refused(edge.importKey(pem.replace("M", "."), alg), { code: "ERR_JWK_INVALID" });
      await refused(edge.importKey(pem, "HS256"), { code: "ERR_JOSE_NOT_SUPPORTED" });
    }
    await refused(edge.createVerifier({ keys: { pem: form(privateKey, "pkcs8"), alg } }).ready, { code: "ERR_JWK_INVALID" });
    const locked = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" });
    await refused(edge.importKey(locked, alg), { code: "ERR_JWK_INVALID" });
  }
  for (const text of ["", "-----BEGIN", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PRIVATE KEY-----", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]) {
    await refused(edge.importKey(text, "ES256"), { code: "ERR_JWK_INVALID" });
  }
});

test("V1: ML-DSA keys in PEM are those of RFC 9881, appendix C", async () => {
  const [seed, spki] = readFileSync(new URL("../vectors/rfc_9881_ml_dsa_44.pem", import.meta.url), "utf8").match(/-----BEGIN[^]*?-----END.*/g);
  const key = await edge.importKey(seed, "ML-DSA-44");
  assert.equal(key.priv, jose.base64url.encode(Uint8Array.from({ length: 32 }, (_, n) => n)));
  assert.deepEqual(await edge.importKey(spki, "ML-DSA-44"), edge.publicJwk(key));
  const token = await edge.createSigner({ key }).sign(fresh());
  assert.equal((await edge.createVerifier({ keys: { pem: spki, alg: "ML-DSA-44" } }).verify(token)).claims.sub, "me");
  for (const alg of ["ML-DSA-65", "ML-DSA-87"]) {
    await refused(edge.importKey(seed, alg), { code: "ERR_JWK_INVALID" });
    await refused(edge.importKey(spki, alg), { code: "ERR_JWK_INVALID" });
  }
});

test("V1: an ML-DSA key in PEM may hold its expanded form beside the seed, and never instead of it", async () => {
  const pem = (der) => `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----`;
  const element = (tag, ...parts) => {
    const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
    return Buffer.concat([content.length < 128 ? Buffer.from([tag, content.length]) : Buffer.from([tag, 0x82, content.length >> 8, content.length & 255]), content]);
  };
  for (const [alg, last, length] of [["ML-DSA-44", 0x11, 2560], ["ML-DSA-65", 0x12, 4032], ["ML-DSA-87", 0x13, 4896]]) {
    const identifier = element(0x30, element(6, [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, last]));
    const pkcs8 = (form) => pem(element(0x30, [2, 1, 0], identifier, element(4, form)));
    const key = await edge.generateKey(alg);
    const [seed, begins] = [key.priv, key.pub].map((text) => Buffer.from(text, "base64url").subarray(0, 32));
    const expanded = Buffer.concat([begins, Buffer.alloc(length - 32, 1)]);
    const both = (first, second) => pkcs8(element(0x30, element(4, first), element(4, second)));
    assert.deepEqual(await edge.importKey(pkcs8(element(0x80, seed)), alg), key);
    assert.deepEqual(await edge.importKey(both(seed, expanded), alg), key);
    const other = Buffer.from(seed).fill(0, 31);
    for (const wrong of [both(other, expanded), both(seed.subarray(1), expanded), both(seed, Buffer.alloc(length)), both(seed, []), pkcs8(element(4, expanded)), pkcs8(seed)]) {
      await refused(edge.importKey(wrong, alg), { code: "ERR_JWK_INVALID" });
    }
  }
});

test("no error and no printed object holds a key or a token", async () => {
  const token = await signed("HS256", fresh());
  const verifier = edge.createVerifier({ keys: { secret: new Uint8Array(32), alg: "HS256" } });
  const error = await verifier.verify(token).catch((e) => e);
  const { inspect } = await import("node:util");
  const printed = inspect([error, verifier, edge.createSigner({ key: keyOf.ES256 })], { depth: 9, showHidden: true });
  for (const hidden of [keyOf.ES256.d, keyOf.HS256.k, ...token.split(".")]) assert.ok(!printed.includes(hidden));
});

const describe = ({ code, claim, reason }) => [code, claim, reason].filter(Boolean).join(" ");
