// The fault panel: says what a fault should come to, lets it happen, and shows what it came to.

import { byId, make } from "./dom.js";
import { faults } from "./fault-list.js";
import { journal } from "./journal.js";
import { rich, spoken, t } from "./language.js";

const SIGNED_IN = ["active", "refreshing", "waiting"];
/** Milliseconds between two looks at what is waited for. */
const LOOK = 50;
/** Milliseconds between two times that an impatient page asks for a renewal, and how long it goes on. */
const [AGAIN, PATIENCE] = [250, 60_000];
/** Longest time that the server's event may take to be seen, in milliseconds. */
const TELLING = 15_000;

/**
 * @param {{ client: any, host: any, tabs: any, history: any, server: any, requests: import("./host.js").Seen[] }} parts
 *   `requests` are the client's, newest last
 */
export function showFaults({ client, host, tabs, history, server, requests }) {
  /** What each came to. @type {Map<string, { good: boolean, say: () => Node[] }>} */
  const results = new Map();
  let running;

  const list = byId("faults");
  const rows = Object.keys(faults).map((name) => row(name));
  list.append(...rows.map(({ item }) => item));

  function row(name) {
    const title = make("h3", { id: `fault-${name}` });
    const expected = make("p", { class: "expected" });
    const observed = make("p", { class: "observed", role: "status" });
    const button = make("button", { class: "quiet", type: "button" });
    const item = make("li", { "data-fault": name }, make("div", { class: "fault-head" }, title, button), expected, observed);
    button.addEventListener("click", () => running || button.getAttribute("aria-disabled") || run(name));
    const say = () => {
      title.replaceChildren(...rich(`fault.${name}`));
      button.textContent = t(running === name ? "faults.running" : "faults.do");
      button.setAttribute("aria-label", `${button.textContent}: ${t(`fault.${name}`)}`);
      expected.replaceChildren(make("b", {}, t("faults.expected")), " ", ...rich(`fault.${name}.expected`));
      const result = results.get(name);
      item.dataset.result = running === name ? "running" : result ? (result.good ? "good" : "bad") : "";
      observed.replaceChildren(...(result ? [make("b", {}, t(result.good ? "faults.observed" : "faults.observedBad")), " ", ...result.say()] : []));
    };
    return { name, item, button, say };
  }

  const sayAll = () => rows.forEach(({ say }) => say());

  const enable = () => {
    const can = SIGNED_IN.includes(client.getSnapshot().status) && !running;
    for (const { button } of rows) button.setAttribute("aria-disabled", String(!can));
    for (const { button } of rows) if (can) button.removeAttribute("aria-disabled");
    byId("faults-need").hidden = SIGNED_IN.includes(client.getSnapshot().status);
  };

  const run = async (name) => {
    running = name;
    results.delete(name);
    sayAll();
    enable();
    journal("fault", () => t("log.fault", { name: t(`fault.${name}`) }), "late");
    const verdict = await faults[name](bench()).catch((error) => ({ good: false, text: "failed", values: { why: error.message } }));
    host.disarm();
    running = undefined;
    results.set(name, { good: verdict.good, say: () => rich(`observed.${verdict.text}`, verdict.values) });
    journal("fault", () => t(verdict.good ? "log.faultGood" : "log.faultBad", { name: t(`fault.${name}`) }), verdict.good ? "good" : "bad");
    sayAll();
    enable();
  };

  /** @returns {import("./fault-list.js").Bench} */
  const bench = () => {
    const began = Date.now();
    requests.length = 0;
    const seen = new Set(history.all().map(({ id }) => id));
    const fresh = () => history.all().filter(({ id }) => !seen.has(id));

    const until = async (met, patience = TELLING) => {
      for (const end = Date.now() + patience; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, LOOK))) {
        if (met()) return true;
      }
      return Boolean(met());
    };

    const generation = () => client.getSnapshot().generation;
    const renew = () => client.getAccessToken({ forceRefresh: true }).catch(() => null);
    let before = generation();

    return {
      client,
      host,
      requests,
      until,
      renew,
      generation,
      insist: async (anew = false) => {
        if (anew) before = generation();
        for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, AGAIN))) {
          if (generation() > before && client.getSnapshot().status === "active") return true;
          if (!SIGNED_IN.includes(client.getSnapshot().status)) return false;
          await renew();
        }
        return false;
      },
      alive: () => SIGNED_IN.includes(client.getSnapshot().status),
      ended: () => (client.getSnapshot().status === "ended" ? client.getSnapshot().endReason : undefined),
      api: async () => (await client.fetch("/api/me").catch(() => ({ status: 0 }))).status,
      told: async (type) => {
        const find = () => fresh().find((entry) => entry.kind === "server" && entry.type === type && entry.at * 1000 > began - 2000);
        for (const end = Date.now() + TELLING; !find() && Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 4 * LOOK))) await server.look();
        return find();
      },
      posts: () => requests.filter(({ to }) => to === "token").length + fresh().filter(({ kind, how, tab }) => kind === "life" && how === "renewed" && tab !== tabs.letter()).length,
      others: () => tabs.letters().length > 1,
      askOthers: () => tabs.say("renew"),
      elsewhere: async (generation) => {
        const find = () => fresh().find((entry) => entry.kind === "life" && entry.tab !== tabs.letter() && entry.generation > generation);
        await until(find);
        return find();
      },
      turnClocks: (seconds) => {
        host.setSkew(seconds * 1000);
        tabs.say("clock", { seconds });
      },
    };
  };

  spoken(sayAll);
  return enable;
}
