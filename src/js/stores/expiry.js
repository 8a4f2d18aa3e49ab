// JS because stores are: until when each of them keeps a record.

const DAY = 86_400_000;

/**
 * Milliseconds at which a record may go. An end that has passed already is by another clock than this
 * one, so such a record is kept for a day: it must not vanish under whoever wrote it.
 * @param {number} expiresAt  Unix seconds
 */
export const keptUntil = (expiresAt) => {
  const now = Date.now();
  const at = Math.ceil(expiresAt * 1000);
  return at > now ? at : now + DAY;
};
