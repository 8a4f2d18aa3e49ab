// What the project asked of itself before it measured, and what a run found.

import { median } from "./measure.mjs";

/** @typedef {import("./measure.mjs").Result} Result */
/** @typedef {{ name: string, runtime: string, want: string, found: string, met: boolean }} Target */

const EDGE = "evertoken/edge";
const SYNC = "evertoken/edge, verifySync";
const SIGN_SYNC = "evertoken/edge, signSync";

/** "No slower": what a median of five rounds cannot tell apart. */
const EQUAL = 1 / 1.05;

/** How many times as fast as jose HS256 is to verify. */
const HS256 = { node: 8, workerd: 1.6, chromium: 2.5 };

/**
 * The targets that what was measured can answer.
 * @param {Record<string, { results: Result[] }>} runtimes
 * @returns {Target[]}
 */
export function targetsOf(runtimes) {
  return Object.entries(runtimes).flatMap(([runtime, { results }]) => {
    const one = (group, name) => results.find((each) => each.group === group && each.name === name);
    const targets = [];
    const add = (name, want, found, met) => targets.push({ name, runtime, want, found, met });
    const atLeast = (name, ours, other, least) => {
      if (!ours || !other) return;
      const times = median(ours.rounds.map((us, round) => other.rounds[round] / us));
      add(name, `≥ ${least === EQUAL ? "0.95" : least} ×`, `${times.toFixed(2)} ×`, times >= least);
    };
    // Whoever verifies or signs takes the faster of the two calls there are.
    const best = (group, ...names) => names.map((name) => one(group, name)).filter(Boolean).sort((a, b) => a.us - b.us)[0];

    atLeast("HS256 verify beside jose", best("HS256 verify", EDGE, SYNC), one("HS256 verify", "jose"), HS256[runtime]);
    atLeast("HS256 verify beside fast-jwt", best("HS256 verify", EDGE, SYNC), one("HS256 verify", "fast-jwt"), EQUAL);
    for (const alg of ["ES256", "EdDSA", "RS256"]) {
      for (const work of ["verify", "sign"]) {
        const group = `${alg} ${work}`;
        const ours = best(group, EDGE, work === "sign" ? SIGN_SYNC : SYNC);
        for (const peer of ["jose", "fast-jwt"]) atLeast(`${group} beside ${peer}`, ours, one(group, peer), EQUAL);
      }
    }
    cached(one, add, atLeast);
    refused(one, add);
    linear(results, add);
    return targets;
  });
}

function cached(one, add, atLeast) {
  // Each request brings a string of its own.
  const group = "HS256 verify cached, fresh string";
  const hit = one(group, SYNC);
  if (!hit) return;
  add("a hit in the cache", "≤ 1.2 µs", `${hit.us.toFixed(2)} µs`, hit.us <= 1.2);
  atLeast("a hit beside fast-jwt's", hit, one(group, "fast-jwt"), 1.5);
}

/** A refused token costs no more than an accepted one, but for the making of the error. */
function refused(one, add) {
  const of = (name) => one("HS256 refusing beside accepting", name);
  for (const [name, why] of [["expired", "for its expiry"], ["signature", "for its signature"]]) {
    const [refused, accepted, error] = [of(name), of("accepted"), of("error")];
    if (!refused || !accepted || !error) continue;
    const times = median(refused.rounds.map((us, round) => us / (accepted.rounds[round] + error.rounds[round])));
    add(`refusing ${why} beside accepting and an error`, "≤ 1.05", times.toFixed(2), times <= 1.05);
  }
}

/** How much steeper the cost of a byte may be between long tokens than between short ones. */
const STEEPER = 1.3;

/** The slopes between neighbouring sizes, in ns a byte: equal where cost is linear. */
function linear(results, add) {
  const sizes = results.flatMap((each) => {
    const kilobytes = each.name === SYNC && /^HS256 verify, ([\d.]+) KB$/.exec(each.group)?.[1];
    return kilobytes ? [{ bytes: Number(kilobytes) * 1024, us: each.us }] : [];
  });
  const slopes = sizes.slice(1).map(({ bytes, us }, before) => ((us - sizes[before].us) * 1000) / (bytes - sizes[before].bytes));
  if (slopes.length < 2) return;
  const [first, last] = [slopes[0], slopes.at(-1)];
  add("ns a byte, longer tokens beside shorter ones", `≤ ${STEEPER} ×`, `${slopes.map((ns) => ns.toFixed(1)).join(", then ")}`, last <= first * STEEPER);
}
