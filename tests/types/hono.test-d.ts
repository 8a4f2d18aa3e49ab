// `evertoken/hono` as its users write it, with Hono's own types.

import { Hono } from "hono";
import { createIssuer, createVerifier } from "evertoken/edge";
import type { Issuer, IssuerOptions } from "evertoken/edge";
import { authenticate, bearer, issuerRoutes } from "evertoken/hono";

interface Bindings { OPTIONS: IssuerOptions }
const issuerOf = (env: Bindings): Issuer => createIssuer(env.OPTIONS);
const verifier = createVerifier({ keys: { keys: [] } });
const app = new Hono<{ Bindings: Bindings }>();

app.use(issuerRoutes((c) => issuerOf(c.env), { ip: (c) => c.req.header("cf-connecting-ip") }));
app.use("/api/*", bearer((c) => issuerOf(c.env).verifier({ revocation: "session" })));
app.get("/api/role", bearer<{ role: "admin" | "user" }>(verifier, { maxAuthAge: 300, realm: "api" }), (c) => {
  const role: "admin" | "user" = c.var.claims.role;
  const subject: string | undefined = c.get("claims").sub;
  // @ts-expect-error nothing of this name is set
  const wrong = c.var.claim;
  // @ts-expect-error claims are frozen
  c.var.claims.sub = "somebody else";
  return c.json({ role, subject, wrong, options: c.env.OPTIONS.issuer });
});
app.get("/", authenticate(async (c) => issuerOf(c.env), { optional: true }), (c) => {
  // @ts-expect-error nobody may be signed in
  c.var.claims.sub;
  return c.text(c.var.claims?.sub ?? "stranger");
});
app.get("/me", authenticate<{ name: string }>(issuerOf({ OPTIONS: {} as IssuerOptions })), (c) => c.text(c.var.claims.name));
// @ts-expect-error a rule that does not exist
bearer(verifier, { maxAge: 300 });
// @ts-expect-error an issuer knows people, a verifier does not
authenticate(verifier);

export default app;
