// The role in the token, and how it changes while somebody is signed in.

import { journal } from "./journal.js";
import { t } from "./language.js";

/** @param {{ fetch: Function, getClaims: Function }} client */
export function showRole(client) {
  const buttons = [...document.querySelectorAll("[data-role]")];

  const change = async (role) => {
    try {
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ role }) };
      const response = await client.fetch("/api/role", init);
      if (!response.ok) return journal("role", () => t("log.roleRefused", { status: response.status }), "bad");
      // The token at hand is stale from here on; this call is refused, the token renewed, the call sent again.
      const { role: now } = await (await client.fetch("/api/me")).json();
      journal("role", () => t("log.role", { role: now }), "good");
    } catch (error) {
      journal("role", () => t("log.roleUnanswered", { why: error.message }), "late");
    }
  };

  for (const button of buttons) button.addEventListener("click", () => change(button.dataset.role));

  return () => {
    const role = client.getClaims()?.role;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.role === role));
  };
}
