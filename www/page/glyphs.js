// The marks of the timeline: told apart by shape, and by colour for those who see it.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element of a drawing.
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {(string | Node)[]} children
 */
export const draw = (name, attributes = {}, ...children) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
};

const circle = (look, r = 6) => () => draw("circle", { class: look, r });
const path = (look, d) => () => draw("path", { class: look, d });

const shapes = {
  signedIn: path("glyph good solid", "M-6,-6H6V6H-6Z"),
  found: circle("glyph muted open", 4),
  renewed: circle("glyph good solid"),
  adopted: circle("glyph good open", 5.5),
  planned: path("glyph muted open", "M0,-6L6,0L0,6L-6,0Z"),
  retry: path("glyph late open", "M0,-6L6,0L0,6L-6,0Z"),
  lost: path("glyph late line", "M-5,-5L5,5M-5,5L5,-5"),
  refused: path("glyph late solid", "M0,-6.5L6.5,5H-6.5Z"),
  unauthorized: path("glyph late open", "M0,-6.5L6.5,5H-6.5Z"),
  ended: path("glyph bad solid", "M-3,-7H3L7,-3V3L3,7H-3L-7,3V-3Z"),
  served: circle("glyph good solid", 4),
  replayed: path("glyph good line", "M-5,0A5,5 0 1 1 0,5M-8,-2L-5,1L-2,-2"),
  grace: path("glyph late solid", "M0,-7L2,-2L7,0L2,2L0,7L-2,2L-7,0L-2,-2Z"),
  alarm: path("glyph bad solid", "M-3,-7H3L7,-3V3L3,7H-3L-7,3V-3Z"),
};

/** The marks that the legend explains, in this order. */
export const legend = ["renewed", "adopted", "planned", "retry", "unauthorized", "refused", "lost", "replayed", "grace", "ended"];

/** What the server told, as a mark: what is no news is small. */
const told = { replayed: "replayed", grace: "grace", superseded: "grace", rollback: "grace", reuse: "alarm", revoked: "alarm", evicted: "alarm" };

/** @param {import("./history.js").Entry & any} entry */
export const glyphOf = ({ kind, how, type }) => {
  if (kind === "life") return how;
  if (kind === "server") return told[type] ?? "served";
  return kind;
};

/**
 * A mark with a text for the pointer that rests on it.
 * @param {string} name  of its shape
 * @param {{ x: number, y: number, text?: string }} at
 */
export const glyph = (name, { x, y, text }) => {
  const mark = draw("g", { transform: `translate(${x.toFixed(1)} ${y})`, "data-mark": name }, shapes[name]());
  if (text) mark.prepend(draw("title", {}, text));
  return mark;
};
