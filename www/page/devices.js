// The user's sessions, one for each sign-in: where they are, and how to end them.

import { byId, clock, make } from "./dom.js";
import { journal } from "./journal.js";

/** @param {{ fetch: Function, signOut: Function }} client */
export function showDevices(client) {
  /** What was looked at last: a renewal says when a session was last used. */
  let seen;

  const reload = async () => {
    try {
      const response = await client.fetch("/sessions");
      if (response.ok) render(await response.json());
    } catch (error) {
      // The next renewal looks again.
      journal("warning", `The devices could not be listed: ${error.message}`);
    }
  };

  const render = (sessions) => {
    byId("devices").replaceChildren(...sessions.map(item));
    byId("end-others").hidden = sessions.length < 2;
  };

  const item = ({ id, device, createdAt, lastUsedAt, current }) => {
    const name = device?.label ?? "A device";
    const what = make("div", {}, make("b", {}, name), ...(current ? [make("span", { class: "here" }, "this one")] : []));
    what.append(make("span", { class: "hint" }, `since ${clock(createdAt)}, last used ${clock(lastUsedAt)}`));
    const end = make("button", { class: "quiet", type: "button", "aria-label": `End ${name}, since ${clock(createdAt)}` }, "End");
    end.addEventListener("click", () => (current ? client.signOut() : ended(id, name)).catch((error) => journal("warning", error.message)));
    return make("li", { "data-session": id }, what, end);
  };

  const ended = async (id, name) => {
    const response = await client.fetch(`/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
    journal("devices", response.ok ? `Ended: ${name}` : `Ending ${name} was answered ${response.status}`, response.ok ? "good" : "bad");
    await reload();
  };

  byId("end-others").addEventListener("click", async () => {
    try {
      await client.signOut({ scope: "others" });
      journal("devices", "Ended all others", "good");
      await reload();
    } catch (error) {
      journal("warning", error.message);
    }
  });

  return ({ status, subject, generation }) => {
    if (status !== "active") return;
    const look = `${subject} ${generation}`;
    if (look === seen) return;
    seen = look;
    reload();
  };
}
