// What `npm run bench -- start` found, for the terminal and for README.md.

import { about, asked } from "./written.mjs";

/** @typedef {{ cpu: number, clock: number, ready: number, full: number }} Cost  milliseconds */
/** @typedef {Cost & { fetching: number }} PageCost */
/** @typedef {{ load: number, rounds: number, workerd: Cost, client: PageCost, whole: PageCost }} Found */

/** Milliseconds that each may take, of processor time and on the clock. */
const MOST = 10;

const ms = (/** @type {number} */ value) => `${value.toFixed(1)} ms`;

/** @param {Found} found @returns {[string, string, Cost][]} */
const all = ({ workerd, client, whole }) => [["workerd", "loading `evertoken/edge`", workerd], ["Chromium", "loading `evertoken`, until a client is ready", { ...client, clock: client.ready }], ["Chromium", "loading `evertoken`, all of it", whole]];

/** @param {Found} found */
export const targetsOf = (found) =>
  all(found).map(([runtime, name, { cpu, clock }]) => ({ name, runtime, want: `≤ ${MOST} ms`, found: `${ms(cpu)}, on the clock ${ms(clock)}`, met: Math.max(cpu, clock) <= MOST }));

/** What the clock holds: with what is subtracted, and what no package could spare. @param {Found} found */
export const clocks = ({ client, whole }) =>
  `From the import until the module of a client is there ${ms(client.full)}, an empty module's ${ms(client.full - client.clock)} included, and ${ms(client.fetching)} of the rest fetch as many bytes; until the client is ready ${ms(client.full + client.ready - client.clock)}. Until all of it is there ${ms(whole.full)}, and ${ms(whole.fetching)} fetch as many bytes.`;

/** @param {Found & any} found */
export const startWritten = (found) => `${about(found, [])}\nOf ${found.rounds} rounds the least counts. ${clocks(found)}\n\n${asked(targetsOf(found))}`;
