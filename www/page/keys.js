// The issuer's keys: which of them signs now, and that the others are accepted all the same.

import { decode } from "/evertoken/src/js/browser.js";
import { byId, make } from "./dom.js";
import { journal } from "./journal.js";
import { spoken, t } from "./language.js";

const meSays = (token) => fetch("/api/me", { headers: { authorization: `Bearer ${token}` } });

/** @param {{ fetch: Function, getAccessToken: Function }} client */
export function showKeys(client) {
  let keys = [];
  /** What a change showed. @type {{ alg: string, before: string, status: number } | undefined} */
  let shown;
  let busy = false;
  let listed = false;

  const load = async () => {
    // Verifiers may keep the set for a while; whoever has just changed it looks anew.
    const response = await fetch("/.well-known/jwks.json", { cache: "reload" });
    if (response.ok) ({ keys } = await response.json());
    render();
  };

  const render = () => {
    byId("keys").replaceChildren(...keys.map(item));
    byId("keys-answer").textContent = shown ? t(shown.status === 200 ? "keys.accepted" : "keys.refused", shown) : "";
  };

  const item = ({ kid, alg }, index) => {
    const signs = index === 0;
    const button = make("button", { class: "quiet", type: "button", "aria-pressed": String(signs), "data-alg": alg }, alg);
    button.addEventListener("click", () => !signs && !busy && change(kid));
    return make("li", {}, button, make("code", {}, kid.slice(0, 8)), make("span", { class: "hint" }, t(signs ? "keys.signs" : "keys.published")));
  };

  /** The token from before is kept for a moment, to be sent once more after the change. */
  const change = async (kid) => {
    busy = true;
    try {
      const old = await client.getAccessToken();
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ kid }) };
      const response = await client.fetch("/api/key", init);
      if (!response.ok) return journal("keys", () => t("log.keyRefused", { status: response.status }), "bad");
      const { alg } = await response.json();
      await client.getAccessToken({ forceRefresh: true });
      const { header } = await decode(old);
      shown = { alg, before: header.alg, status: (await meSays(old)).status };
      journal("keys", () => t("log.key", { alg }), "good");
      await load();
      byId("keys").querySelector('[aria-pressed="true"]')?.focus();
    } catch (error) {
      journal("keys", () => t("log.keyUnanswered", { why: error.message }), "late");
    } finally {
      busy = false;
    }
  };

  spoken(render);

  return ({ status }) => {
    if (status !== "active" || listed) return;
    listed = true;
    load().catch(() => (listed = false));
  };
}
