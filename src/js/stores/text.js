// JS because stores are: what a database that keeps UTF-8 would silently change.

/**
 * Half of a surrogate pair becomes U+FFFD in UTF-8: two keys would be one, and a value another.
 * @param {...string} texts
 */
export const wellFormed = (...texts) => {
  for (const text of texts) {
    if (/\p{Surrogate}/u.test(text)) throw new TypeError("a store takes texts that are UTF-16: this one holds half of a surrogate pair");
  }
};
