// The keys that the issuer signs with: a switch in the store says which, so that it holds in every isolate.

import { keep } from "./kept.js";

const SWITCH = "signing";

/**
 * All keys, the one that signs first. The others are published and accepted all the same, so that changing over
 * refuses nobody's token.
 * @param {{ SIGNING_KEY: string, MORE_SIGNING_KEYS?: string }} env
 * @param {import("evertoken/edge").Store} store
 */
export async function signingKeys(env, store) {
  const keys = [JSON.parse(env.SIGNING_KEY), ...JSON.parse(env.MORE_SIGNING_KEYS ?? "[]")];
  const chosen = (await store.get(SWITCH))?.value;
  return [...keys.filter(({ kid }) => kid === chosen), ...keys.filter(({ kid }) => kid !== chosen)];
}

/** @param {import("evertoken/edge").Store} store @param {string} kid  of one of them */
export const signWith = (store, kid) => keep(store, SWITCH, () => kid);
