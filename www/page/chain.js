// The generations that this page has seen, as links of a chain.

import { byId, clock, make } from "./dom.js";

const LINKS_SHOWN = 5;

export function showChain() {
  let shown;
  return ({ generation, expiresAt, subject }) => {
    const chain = byId("chain");
    if (expiresAt === undefined && subject === undefined) chain.replaceChildren();
    const link = `${subject} ${generation}`;
    if (link === shown || expiresAt === undefined) return;
    shown = link;
    byId("generation").textContent = String(generation);
    chain.append(make("li", { "data-generation": String(generation) }, make("b", {}, String(generation)), clock()));
    while (chain.childElementCount > LINKS_SHOWN) chain.firstElementChild?.remove();
  };
}
