// What each person may do. A real application keeps that with its users; here it stands beside their sessions.

import { keep } from "./kept.js";

export const ROLES = ["reader", "editor"];

const key = (subject) => `role:${subject}`;

/** @param {import("evertoken/edge").Store} store @param {string} subject */
export const roleOf = async (store, subject) => (await store.get(key(subject)))?.value ?? ROLES[0];

/** @param {import("evertoken/edge").Store} store @param {string} subject @param {string} role */
export const setRole = (store, subject, role) => keep(store, key(subject), () => role);
