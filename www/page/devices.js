// The user's sessions, one for each sign-in: where they are, and how to end them.

import { byId, clock, make } from "./dom.js";
import { journal } from "./journal.js";
import { spoken, t } from "./language.js";

/** @param {{ fetch: Function, signOut: Function }} client */
export function showDevices(client) {
  /** What was looked at last: a renewal says when a session was last used. */
  let seen;
  let listed = [];

  const warn = (error) => journal("warning", () => error.message);

  const reload = async () => {
    try {
      const response = await client.fetch("/sessions");
      if (response.ok) render(await response.json());
    } catch (error) {
      // The next renewal looks again.
      journal("warning", () => t("log.devicesUnlisted", { why: error.message }));
    }
  };

  const render = (sessions) => {
    listed = sessions;
    byId("devices").replaceChildren(...sessions.map(item));
    byId("end-others").hidden = sessions.length < 2;
  };

  const item = ({ id, device, createdAt, lastUsedAt, current }) => {
    const name = device?.label ?? t("devices.unnamed");
    const what = make("div", {}, make("b", {}, name), ...(current ? [make("span", { class: "here" }, t("devices.here"))] : []));
    what.append(make("span", { class: "hint" }, t("devices.used", { since: clock(createdAt), last: clock(lastUsedAt) })));
    const end = make("button", { class: "quiet", type: "button", "aria-label": t("devices.endOne", { name, since: clock(createdAt) }) }, t("devices.end"));
    end.addEventListener("click", () => (current ? client.signOut() : ended(id, name)).catch(warn));
    return make("li", { "data-session": id }, what, end);
  };

  const ended = async (id, name) => {
    const response = await client.fetch(`/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
    journal("devices", () => t(response.ok ? "log.deviceEnded" : "log.deviceKept", { name, status: response.status }), response.ok ? "good" : "bad");
    await reload();
  };

  byId("end-others").addEventListener("click", async () => {
    try {
      await client.signOut({ scope: "others" });
      journal("devices", () => t("log.othersEnded"), "good");
      await reload();
    } catch (error) {
      warn(error);
    }
  });

  spoken(() => render(listed));

  return ({ status, subject, generation }) => {
    if (status !== "active") return;
    const look = `${subject} ${generation}`;
    if (look === seen) return;
    seen = look;
    reload();
  };
}
