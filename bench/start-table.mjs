// What `npm run bench -- start` found, for the terminal and for README.md.

import { about, asked } from "./written.mjs";

/** @typedef {{ cpu: number, clock: number }} Cost  milliseconds */
/** @typedef {{ load: number, rounds: number, workerd: Cost, client: Cost, whole: Cost }} Found */

/** Milliseconds that each may take. */
const MOST = 10;

const ms = (/** @type {number} */ value) => `${value.toFixed(1)} ms`;

/** @param {Found} found @returns {[string, string, Cost][]} */
const all = ({ workerd, client, whole }) => [["workerd", "loading `evertoken/edge`", workerd], ["Chromium", "loading `evertoken`, a client alone", client], ["Chromium", "loading `evertoken`, all of it", whole]];

/** @param {Found} found */
export const targetsOf = (found) => all(found).map(([runtime, name, { cpu }]) => ({ name, runtime, want: `≤ ${MOST} ms`, found: ms(cpu), met: cpu <= MOST }));

/** What hosts limit is processor time, so the clock is told and not judged. @param {Found} found */
export const clocks = (found) => `On the clock, at a load of ${found.load.toFixed(1)}: ${all(found).map(([, , { clock }]) => ms(clock)).join(", ")}.`;

/** @param {Found & any} found */
export const startWritten = (found) => `${about(found, [])}\nProcessor time; of ${found.rounds} rounds the least counts. ${clocks(found)}\n\n${asked(targetsOf(found))}`;
