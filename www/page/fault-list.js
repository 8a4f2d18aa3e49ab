// The faults: each does its damage from a living session, and looks whether that became what was promised.

/** Seconds. */
const OFFLINE = 8;
const FROZEN = 8;
const HOUR = 3600;
/**
 * @typedef {object} Bench  what a fault works with
 * @property {any} client
 * @property {any} host
 * @property {() => Promise<any>} renew  asks for a renewal now; what becomes of it is seen elsewhere
 * @property {() => Promise<boolean>} insist  asks again and again, as an impatient page would, until there was one
 * @property {() => number} generation
 * @property {() => boolean} alive  whether somebody is signed in
 * @property {() => string | undefined} ended  why nobody is
 * @property {() => Promise<number>} api  the status that the API answers to the client
 * @property {(met: () => unknown, patience?: number) => Promise<boolean>} until
 * @property {(type: string) => Promise<any>} told  the server's next event of this type, once it is there
 * @property {import("./host.js").Seen[]} requests  the client's since the fault began
 * @property {() => number} posts  how many of them, in all tabs, asked for a renewal
 * @property {() => boolean} others  whether there are other tabs
 * @property {() => void} askOthers  asks them to renew now
 * @property {(generation: number) => Promise<any>} elsewhere  the first entry of another tab with a later generation
 * @property {(seconds: number) => void} turnClocks  in all tabs
 */

/** @typedef {{ good: boolean, text: string, values?: Record<string, unknown> }} Verdict  which text says what was observed */

const verdict = (good, text, values) => ({ good, text, values });
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const refusedWith = (status) => ({ to, status: answered }) => to === "token" && answered === status;

/** @type {Record<string, (bench: Bench) => Promise<Verdict>>} */
export const faults = {
  async lost(bench) {
    bench.host.loseNext();
    const through = await bench.insist();
    const replayed = await bench.told("replayed");
    return verdict(through && Boolean(replayed) && bench.alive(), "lost", { generation: bench.generation(), posts: bench.posts() });
  },

  async unavailable(bench) {
    bench.host.orderNext("token", "503");
    await bench.renew();
    const answered = bench.requests.some(refusedWith(503));
    const api = await bench.api();
    const through = await bench.insist();
    return verdict(answered && api === 200 && through && bench.alive(), "unavailable", { api, generation: bench.generation() });
  },

  async slowDown(bench) {
    bench.host.orderNext("token", "429");
    await bench.renew();
    const told = Date.now();
    const answered = bench.requests.some(refusedWith(429));
    const through = await bench.insist();
    const next = bench.requests.find(({ to, status }) => to === "token" && status === 200);
    const values = { generation: bench.generation() };
    if (!next) return verdict(answered && through && bench.alive(), "slowDownElsewhere", values);
    const waited = (next.sentAt - told) / 1000;
    // Timers of browsers may be a few milliseconds early.
    return verdict(answered && through && waited > 4.9 && bench.alive(), "slowDown", { ...values, seconds: waited.toFixed(1) });
  },

  async unauthorized(bench) {
    const before = bench.generation();
    bench.host.orderNext("api", "401");
    const api = await bench.api();
    const refused = bench.requests.filter(({ to, status }) => to === "api" && status === 401).length;
    const good = api === 200 && refused === 1 && bench.generation() === before + 1;
    return verdict(good, "unauthorized", { api, posts: bench.posts() });
  },

  async offline(bench) {
    bench.host.setOffline(true);
    await Promise.race([bench.insist(), pause(OFFLINE)]);
    const [kept, failed] = [bench.alive(), bench.requests.filter(({ status }) => status === undefined).length];
    bench.host.setOffline(false);
    dispatchEvent(new Event("online"));
    const through = await bench.insist();
    return verdict(kept && through && bench.alive(), "offline", { seconds: OFFLINE, failed, generation: bench.generation() });
  },

  async clock(bench) {
    bench.turnClocks(HOUR);
    const ahead = await bench.api();
    await pause(2);
    const first = bench.posts();
    bench.turnClocks(0);
    const right = await bench.api();
    await pause(2);
    const second = bench.posts() - first;
    const good = ahead === 200 && right === 200 && first <= 1 && second <= 1 && bench.alive();
    return verdict(good, "clock", { first, second });
  },

  async frozen(bench) {
    const before = bench.generation();
    const since = Date.now() / 1000;
    bench.host.freezeNext(FROZEN * 1000, bench.askOthers);
    const through = await bench.insist();
    const stood = Date.now() / 1000 - since;
    const api = await bench.api();
    const good = through && stood >= FROZEN && api === 200 && bench.alive();
    const values = { seconds: FROZEN, generation: bench.generation() };
    if (!bench.others()) return verdict(good, "frozen", values);
    const first = await bench.elsewhere(before);
    const waited = first ? first.at - since : Infinity;
    return verdict(good && waited < FROZEN, "frozenOthers", { ...values, tab: first?.tab ?? "–", waited: waited.toFixed(1) });
  },

  async thiefSoon(bench) {
    if (!(await bench.insist())) return verdict(false, "noRenewal");
    const thief = await bench.host.replaySpent(false);
    // The eleventh within an hour: whoever shadows somebody for so long is cut off.
    if (thief.code === "reuse") return verdict(true, "thiefTooOften");
    const event = await bench.told("grace");
    const through = await bench.insist(true);
    const good = thief.status === 200 && Boolean(event?.foreign) && through && thief.sameAsSpent() && bench.alive();
    return verdict(good, "thiefSoon", { status: thief.status, generation: bench.generation() });
  },

  async thiefLate(bench) {
    if (!(await bench.insist())) return verdict(false, "noRenewal");
    const thief = await bench.host.replaySpent(true);
    const event = await bench.told("reuse");
    bench.renew();
    const over = await bench.until(() => bench.ended() !== undefined);
    const good = thief.status === 400 && thief.code === "reuse" && Boolean(event) && over && bench.ended() === "reuse";
    return verdict(good, "thiefLate", { status: thief.status, code: thief.code ?? "–" });
  },
};
