// The few words of DOM that the parts share.

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
};

/**
 * An element with text or children; text is never read as HTML.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {(string | Node)[]} children
 */
export const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

/** Hours, minutes and seconds of an instant in Unix seconds; now without one. */
export const clock = (seconds = Date.now() / 1000) => new Date(seconds * 1000).toLocaleTimeString("en-GB");
