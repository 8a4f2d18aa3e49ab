// Generates cases, asks every reader, and says where they differ.

import { isDeepStrictEqual } from "node:util";
import { differences, lacks, sameMeaning } from "./differences.mjs";
import { random } from "./random.mjs";
import { readers } from "./readers.mjs";
import { round } from "./rounds.mjs";
import { token } from "./tokens.mjs";

/** @typedef {import("./readers.mjs").Outcome} Outcome */
/** @typedef {{ seed: number, case: number, token: import("./tokens.mjs").Token, keys: unknown, options: object, outcomes: Record<string, Outcome> }} Mismatch */

/** How many tokens are tried against one verifier. */
export const PER_ROUND = 8;

const odds = (seed) => seed ^ 0x5bd1e995;

/**
 * Runs the cases from `from` to `to` and counts them.
 * @param {{ seed: number, from: number, to: number, onRound?: (done: number) => void }} which
 */
export async function compare({ seed, from, to, onRound }) {
  /** @type {Mismatch[]} */
  const mismatches = [];
  /** @type {Record<string, number>} */
  const used = Object.fromEntries([...lacks, ...differences].map(({ name }) => [name, 0]));
  /** @type {Record<string, number>} */
  const answers = {};
  const count = (table, name) => (table[name] = (table[name] ?? 0) + 1);

  for (let at = from; at < to; ) {
    const index = Math.floor(at / PER_ROUND);
    const one = round(seed, index);
    const asked = readers(one);
    for (const end = Math.min(to, (index + 1) * PER_ROUND); at < end; at++) {
      const tried = token(random(odds(seed), at), one);
      const { outcomes, ours, theirs, agree, lacking } = await ask(asked, tried);
      count(answers, answer(ours));
      for (const name of lacking) count(used, name);
      const known = agree && !same(ours, theirs) ? explained(tried, ours, theirs) : undefined;
      if (known) count(used, known.name);
      else if (!agree || !same(ours, theirs)) mismatches.push({ seed, case: at, token: tried, keys: one.keys, options: one.options, outcomes });
    }
    asked.dispose();
    onRound?.(at - from);
  }
  return { cases: to - from, mismatches, used, answers };
}

async function ask({ ours, jose }, tried) {
  /** @type {Record<string, Outcome>} */
  const outcomes = {};
  for (const [name, reader] of Object.entries(ours)) {
    const said = await reader(tried);
    if (said) outcomes[name] = said;
  }
  const [first] = Object.values(outcomes);
  const theirs = await jose(tried);
  const apart = Object.entries(outcomes).filter(([, other]) => !isDeepStrictEqual(other, first));
  const known = apart.map(([name, said]) => lacks.find(({ where, allows }) => where(name, tried) && allows(answer(said))));
  const agree = known.every((lack) => lack !== undefined);
  return { outcomes: { ...outcomes, jose: theirs }, ours: first, theirs, agree, lacking: agree ? known.map(({ name }) => name) : [] };
}

export const answer = (said) => (said.ok ? "accepted" : said.code);

/** Whether jose's answer is ours: the same content, or the same code, claim and reason. */
function same(ours, theirs) {
  if (ours.ok || theirs.ok) return isDeepStrictEqual(ours, theirs);
  if (sameMeaning[theirs.code]?.includes(ours.code)) return true;
  return ours.code === theirs.code && (theirs.reason === undefined || (ours.claim === theirs.claim && ours.reason === theirs.reason));
}

const explained = (tried, ours, theirs) =>
  differences.find(({ where, allows }) => where(tried) && allows(answer(ours), answer(theirs)));
