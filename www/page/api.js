// The protected API: called through the client, and, after signing out, with the token from before.

import { byId, make } from "./dom.js";
import { journal } from "./journal.js";
import { t } from "./language.js";

/** @param {{ fetch: Function, getAccessToken: Function }} client */
export function showApi(client) {
  const again = byId("call-api-before");
  /** Kept only to show, after signing out, that it is worth nothing any more. */
  let before;
  let generation;

  byId("call-api").addEventListener("click", () => call("call-api", () => client.fetch("/api/me")));
  again.addEventListener("click", () =>
    call("call-api-before", () => fetch("/api/me", { headers: { authorization: `Bearer ${before}` } })),
  );

  return ({ status, generation: current }) => {
    again.hidden = before === undefined || (status !== "signedOut" && status !== "ended");
    if (status !== "active" || current === generation) return;
    generation = current;
    client.getAccessToken().then((token) => (before = token ?? before), () => {});
  };
}

async function call(button, request) {
  byId(button).setAttribute("aria-disabled", "true");
  try {
    await show(await request());
  } catch (error) {
    byId("answer").replaceChildren(verdict("–", error.code ?? error.name, true), make("p", { class: "hint" }, error.message));
    journal("api", () => t("log.apiUnanswered", { why: error.message }), "late");
  } finally {
    byId(button).removeAttribute("aria-disabled");
  }
}

async function show(response) {
  const body = await response.text();
  const said = response.headers.get("www-authenticate");
  byId("answer").replaceChildren(
    verdict(String(response.status), t(response.ok ? "api.letIn" : "api.refused"), !response.ok),
    ...(said ? [make("pre", {}, `WWW-Authenticate: ${said}`)] : []),
    make("pre", {}, pretty(body)),
  );
  journal("api", () => t("log.api", { status: response.status }), response.ok ? "good" : "bad");
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

const verdict = (status, text, refused) => make("p", { class: refused ? "verdict refused" : "verdict" }, make("b", {}, status), text);
