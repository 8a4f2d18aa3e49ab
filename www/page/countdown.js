// The dial: how long the access token still lives, when its renewal is due, and what keeps it.

import { byId } from "./dom.js";
import { t } from "./language.js";

/**
 * @param {{ getSnapshot: Function, getClaims: Function }} client
 * @param {{ now: () => number }} host
 */
export function showCountdown(client, host) {
  const card = byId("session").querySelector(".token");
  const ring = byId("ring");
  const mark = byId("renewal-mark");
  let generation;
  let life = 0;

  function tick() {
    const snapshot = client.getSnapshot();
    if (snapshot.expiresAt === undefined) return;
    const now = host.now() / 1000;
    const left = Math.max(0, snapshot.expiresAt - now);
    const due = (snapshot.refreshAt ?? now) - now;
    const late = snapshot.status !== "waiting" && due < -1;

    // Through the object model: the policy forbids style attributes.
    ring.style.strokeDashoffset = String(100 - (life > 0 ? Math.min(1, left / life) * 100 : 0));
    ring.style.opacity = left > 0 ? "1" : "0";
    card.classList.toggle("late", late || snapshot.lastError !== undefined);
    byId("seconds").textContent = String(Math.ceil(left));
    byId("seconds-unit").textContent = t(Math.ceil(left) === 1 ? "dial.second" : "dial.seconds");
    byId("next").textContent = whatNext(snapshot, due);
  }

  setInterval(tick, 200);

  return (snapshot) => {
    byId("subject").textContent = snapshot.subject ?? "";
    if (snapshot.generation !== generation) {
      if (generation !== undefined) celebrate(card);
      generation = snapshot.generation;
      const claims = client.getClaims();
      life = claims ? claims.exp - claims.iat : 0;
      if (life > 0 && snapshot.refreshAt && snapshot.expiresAt) {
        mark.style.transform = `rotate(${((snapshot.expiresAt - snapshot.refreshAt) / life) * 360}deg)`;
      }
    }
    showTrouble(snapshot);
    tick();
  };
}

function whatNext({ status }, due) {
  if (status === "refreshing") return t("dial.renewing");
  if (due > 0.5) return t(status === "waiting" ? "dial.nextTry" : "dial.renewal", { seconds: Math.ceil(due) });
  return t(status === "waiting" ? "dial.trying" : "dial.due");
}

function showTrouble({ status, lastError }) {
  const trouble = byId("trouble");
  const text = status === "waiting" ? t("trouble.waiting") : lastError ? t("trouble.late") : "";
  if (trouble.textContent !== text) trouble.textContent = text;
  trouble.hidden = text === "";
}

function celebrate(card) {
  card.classList.remove("renewed");
  requestAnimationFrame(() => card.classList.add("renewed"));
}
