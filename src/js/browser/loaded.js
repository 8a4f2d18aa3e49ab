// JS because loading comes before any wasm runs: a client needs no module of its own where the whole one is there.

/** @type {{ whole?: import("../tools.js").Wasm }} */
export const loaded = {};
