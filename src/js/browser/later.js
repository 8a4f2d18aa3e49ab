// What a client that verifies fetches. Nothing imports this file at once: what is imported in both ways, esbuild takes to
// the first page.

import { withTools } from "../tools.js";
import { whole } from "./module.js";

export const tooled = () => withTools(whole);
