// A server in Deno, on Deno KV in a file.

import { denoKvStore } from "../../src/js/stores/deno-kv.js";

export const open = async (file) => ({ store: denoKvStore(await Deno.openKv(file)), edge: await import("../../src/js/edge/deno.js") });
