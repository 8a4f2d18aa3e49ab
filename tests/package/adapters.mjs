// The adapters with their frameworks, on any runtime: like smoke.mjs, everything it uses is handed in.

/** What is checked, in this order. */
export const ADAPTED = ["hono: /bearer", "hono: /authenticate", "hono: the issuer's endpoints", "axios: sends the token", "axios: renews it and asks again", "react"];

const ISSUER = "https://issuer.example";

/** Somebody who is signed in, and an application made with Hono that she asks. */
const signedIn = async ({ main, edge, memoryStore, hono: { Hono, authenticate, bearer, issuerRoutes } }) => {
  const issuer = edge.createIssuer({
    issuer: ISSUER,
    audience: ISSUER,
    signingKeys: [await edge.generateKey("ES256", { kid: "adapters" })],
    secrets: ["a secret of the adapters, 32 bytes or more"],
    store: memoryStore(),
  });
  const stale = new Set();
  const app = new Hono();
  app.use(issuerRoutes(issuer));
  app.get("/bearer", bearer(issuer.verifier()), (c) => (stale.has(c.req.header("authorization")) ? c.text("renew it", 401) : c.json(c.var.claims)));
  app.get("/authenticate", authenticate(issuer), (c) => c.json(c.var.claims));
  const client = main.createClient({
    tokenEndpoint: `${ISSUER}/token`,
    clientId: "adapters",
    storage: "memory",
    host: { fetch: async (input, init) => app.request(new Request(input, init)) },
  });
  await client.setTokens(await issuer.issue({ subject: "ada", clientId: "adapters" }));
  return { app, client, stale };
};

/**
 * Resolves to the names of what was checked; throws at the first that does not hold. What stays on servers has no
 * `react`; `show` resolves to the text that it made of an element.
 * @param {{ main: any, edge: any, memoryStore: () => any, axios?: any, hono: any, react?: any, show?: (element: any, wanted: string) => Promise<string>, shown?: string }} given
 *   each a framework together with what its adapter exports
 */
export async function adapters({ axios, react, show, shown = "loading", ...given }) {
  const done = [];
  const check = (name, holds) => {
    if (!holds) throw new Error(`does not hold: ${name}`);
    done.push(name);
  };
  const { app, client, stale } = await signedIn(given);
  const authorization = `Bearer ${await client.getAccessToken()}`;

  for (const path of ["/bearer", "/authenticate"]) {
    const [known, nobody] = [await app.request(path, { headers: { authorization } }), await app.request(path)];
    check(`hono: ${path}`, (await known.json()).sub === "ada" && nobody.status === 401 && nobody.headers.get("www-authenticate") === "Bearer");
  }
  check("hono: the issuer's endpoints", (await (await app.request("/.well-known/jwks.json")).json()).keys[0].kid === "adapters");

  if (axios) {
    const instance = axios.create({ baseURL: ISSUER });
    const detach = axios.attach(instance, client);
    check("axios: sends the token", (await instance.get("/bearer")).data.sub === "ada");
    stale.add(authorization);
    check("axios: renews it and asks again", (await instance.get("/bearer")).data.sub === "ada" && `Bearer ${await client.getAccessToken()}` !== authorization);
    detach();
  }

  if (react) {
    const { createElement, EvertokenProvider, useClaims, useSnapshot } = react;
    const Shown = () => `${useSnapshot().status} ${useClaims()?.sub ?? ""}`.trim();
    check("react", (await show(createElement(EvertokenProvider, { client }, createElement(Shown)), shown)) === shown);
  }
  client.dispose();
  return done;
}
