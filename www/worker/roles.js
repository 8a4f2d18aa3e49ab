// What each person may do. A real application keeps that with its users; here it stands beside their sessions.

export const ROLES = ["reader", "editor"];

/** For as long as the demo is likely to run: a month, in seconds. */
const KEPT = 2_592_000;

const key = (subject) => `role:${subject}`;

/** @param {import("evertoken/edge").Store} store @param {string} subject */
export const roleOf = async (store, subject) => (await store.get(key(subject)))?.value ?? ROLES[0];

/** @param {import("evertoken/edge").Store} store @param {string} subject @param {string} role */
export async function setRole(store, subject, role) {
  for (;;) {
    const now = await store.get(key(subject));
    const { ok } = await store.compareAndSet(key(subject), now?.version ?? null, role, Math.floor(Date.now() / 1000) + KEPT);
    if (ok) return;
  }
}
