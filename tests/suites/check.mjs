// The few assertions that the suites need, so that they run where node:assert does not.

const shown = (value) => JSON.stringify(value) ?? String(value);

export const equal = (found, wanted, what = "") => {
  if (!Object.is(found, wanted)) throw new Error(`${what} expected ${shown(wanted)}, got ${shown(found)}`);
};

export const same = (found, wanted, what = "") => equal(shown(found), shown(wanted), what);

export const ok = (truth, what) => {
  if (!truth) throw new Error(what);
};

/** Waits for a promise to be rejected with an error that has these members. */
export const refused = async (promise, wanted) => {
  const error = await promise.then(
    (value) => {
      throw new Error(`expected a refusal, got ${shown(value)}`);
    },
    (error) => error,
  );
  ok(error.name === "TokenError", `expected a TokenError, got ${error.stack ?? error}`);
  for (const [name, value] of Object.entries(wanted)) equal(error[name], value, `${name} of ${error.code} (${error.message})`);
  return error;
};
