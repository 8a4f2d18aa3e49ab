// The faults that the page may order of this worker, by a header, where the demo's settings allow it.

import { json, unauthorized } from "./http.js";

/** How much later than it is a request ordered as "late" is handled, in seconds: longer than any grace. */
const LATE = 600;

/** Seconds after which a page told to slow down may come again. */
const SLOW = 5;

const answers = {
  503: () => json(503, { error: "temporarily_unavailable" }),
  429: () => json(429, { error: "temporarily_unavailable" }, { "retry-after": String(SLOW) }),
  401: () => unauthorized({ code: "ERR_JWT_EXPIRED", message: "As ordered: refused, as if its time were up" }),
};

/**
 * What was ordered: an answer instead of the true one, or a clock to go by.
 * @param {Request} request
 * @param {{ DEMO_FAULTS?: string }} env
 */
export function ordered(request, env) {
  const fault = env.DEMO_FAULTS === "on" ? request.headers.get("x-demo-fault") : null;
  return {
    answer: fault !== null && Object.hasOwn(answers, fault) ? answers[fault]() : undefined,
    now: fault === "late" ? () => Date.now() + LATE * 1000 : Date.now,
  };
}
