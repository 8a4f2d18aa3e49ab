import { suitesIn } from "./suites.mjs";

await suitesIn("Firefox");
