// One walk through the whole package, on any runtime: no imports, everything it uses is handed in.

const ISSUER = "https://issuer.example";
const AUDIENCE = "https://api.example";
/** How many checks there are. */
export const CHECKS = 15;

/**
 * Resolves to the names of what was checked; throws at the first that does not hold.
 * @param {{ main: any, edge: any, memoryStore: () => any }} evertoken
 */
export async function smoke({ main, edge, memoryStore }) {
  const done = [];
  const check = (name, holds) => {
    if (!holds) throw new Error(`does not hold: ${name}`);
    done.push(name);
  };
  const codeOf = (promise) => promise.then(() => "nothing thrown", (error) => (main.isTokenError(error) ? error.code : `foreign: ${error}`));

  const issuer = edge.createIssuer({
    issuer: ISSUER,
    audience: AUDIENCE,
    signingKeys: [await edge.generateKey("ES256", { kid: "smoke" })],
    secrets: ["a secret of the smoke test, 32 bytes or more"],
    store: memoryStore(),
  });
  const issued = await issuer.issue({ subject: "ada", clientId: "smoke" });

  const decoded = await main.decode(issued.access_token);
  check("decode", decoded.claims.sub === "ada" && decoded.header.kid === "smoke" && Object.isFrozen(decoded.claims));
  const left = await main.expiresIn(issued.access_token);
  check("expiresIn", left > 290 && left <= 300);

  const rules = { keys: await issuer.jwks(), issuer: ISSUER, audience: AUDIENCE, typ: "at+jwt", clockTolerance: 0 };
  for (const [name, entry] of [["main", main], ["edge", edge]]) {
    const verifier = entry.createVerifier(rules);
    await verifier.ready;
    check(`${name}: verify`, (await verifier.verify(issued.access_token)).claims.sid === issued.session_id);
    const [header, payload] = issued.access_token.split(".");
    const [, , foreign] = (await issuer.issue({ subject: "eve", clientId: "smoke" })).access_token.split(".");
    check(`${name}: refuse`, (await codeOf(verifier.verify(`${header}.${payload}.${foreign}`))) === "ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
    verifier.dispose();
  }

  const key = await edge.generateKey("HS256");
  const token = await edge.createSigner({ key, issuer: ISSUER, expiresIn: 60 }).sign({ role: "admin" });
  check("HS256, at once", edge.createVerifier({ keys: key, issuer: ISSUER }).verifySync(token).claims.role === "admin");

  const refreshed = await issuer.refresh(issued.refresh_token, { clientId: "smoke", attempt: "first-attempt-of-the-smoke" });
  check("refresh", refreshed.session_id === issued.session_id && refreshed.refresh_token !== issued.refresh_token);
  const again = await issuer.refresh(issued.refresh_token, { clientId: "smoke", attempt: "first-attempt-of-the-smoke" });
  check("the same attempt, the same successor", again.refresh_token === refreshed.refresh_token);
  check("garbage", (await codeOf(issuer.refresh("garbage", { clientId: "smoke" }))) === "ERR_REFRESH_INVALID");

  const client = main.createClient({
    tokenEndpoint: `${ISSUER}/token`,
    revocationEndpoint: `${ISSUER}/revoke`,
    clientId: "smoke",
    storage: "memory",
    host: { fetch: async (input, init) => (await issuer.handle(new Request(input, init))) ?? new Response(null, { status: 404 }) },
  });
  await client.ready;
  check("client: nobody is signed in", (await client.getAccessToken()) === null);
  await client.setTokens(refreshed);
  check("client: takes tokens", (await client.getAccessToken()) === refreshed.access_token && client.getClaims().sub === "ada");
  const renewed = await client.getAccessToken({ forceRefresh: true });
  check("client: refreshes", typeof renewed === "string" && renewed !== refreshed.access_token && client.getSnapshot().status === "active");
  await client.signOut();
  check("client: signs out", (await client.getAccessToken()) === null);
  check(
    "a signed-out session is refused",
    (await codeOf(issuer.verifier({ revocation: "session" }).verify(renewed))) === "ERR_TOKEN_REVOKED",
  );
  client.dispose();
  return done;
}
