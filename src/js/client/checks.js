// JS because the verifier's facade is: checks received access tokens before they are used.

/** What is wrong with the rules is said at once, and not at the first token. @param {any} glue @param {any} options */
const looked = (glue, { fallback, ...rules }) => {
  try {
    new glue.Verifier(rules).free();
  } catch (/** @type {any} */ thrown) {
    throw thrown?.option ? { ...thrown, option: `verify.${thrown.option}` } : thrown;
  }
};

/**
 * @param {any} glue  the module that verifies
 * @param {{ createVerifier: (options: any) => { verify: (token: string) => Promise<unknown>, dispose: () => void }, decodeSync: (token: string) => any }} tools
 * @param {any} options  of a verifier
 * @param {import("./host.js").Host} host
 */
export const checking = (glue, { createVerifier, decodeSync }, options, host) => {
  looked(glue, options);
  let issued = 0;
  // By the issuer's clock: a user's may be wrong by hours, and how long a token lives is counted from its receipt.
  const verifier = createVerifier({ now: () => issued || host.now(), ...options });
  return {
    check: async (/** @type {unknown} */ token) => {
      // Whatever is no token is refused where it is read.
      if (typeof token !== "string") return;
      try {
        issued = decodeSync(token).claims.iat * 1000;
      } catch {
        // Nor can it be verified.
      }
      await verifier.verify(token);
    },
    dispose: () => verifier.dispose(),
  };
};
