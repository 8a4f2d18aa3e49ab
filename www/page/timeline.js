// The timeline: what is past on the left, what is planned on the right, and the same in words.

import { byId, clock, make } from "./dom.js";
import { frame, heightFor, moving } from "./drawing.js";
import { draw, glyph, legend } from "./glyphs.js";
import { rich, spoken, t } from "./language.js";
import { sentence } from "./words.js";

/** Where now is, as a part of the width. */
const NOW = 0.65;
/** Milliseconds between two steps of the drawing: fewer for those who want less motion. */
const STEP = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1000 : 200;
const LISTED = 60;
/** Below this width, in pixels, less time is shown at first. */
const NARROW = 500;

/**
 * @param {{ client: any, host: any, tabs: any, history: any }} parts
 */
export function showTimeline({ client, host, tabs, history }) {
  const box = byId("timeline");
  const list = byId("timeline-list");
  const details = list.closest("details");
  const spans = [...document.querySelectorAll("[data-span]")];
  let span;
  let stale = true;
  let drawnAt = 0;
  let shift = (_) => 0;
  let moved = draw("g");

  const redraw = () => {
    const width = box.clientWidth;
    if (width === 0) return;
    const now = Date.now() / 1000;
    const [from, to] = [now - span * NOW, now + span * (1 - NOW)];
    const entries = history.all().filter((entry) => Math.max(entry.at, entry.to ?? 0) > from - span / 4);
    const letters = [...new Set([...tabs.letters(), ...entries.flatMap(({ tab }) => tab ?? [])])].sort();
    const scale = width / span;
    const x = (at) => (at - now) * scale + width * NOW;
    const height = heightFor(letters.length);
    moved = draw("g", {}, ...moving({ entries: sessionsToo(entries), letters, x, now, from: from - 10, to: to + 10 }));
    const line = draw("line", { class: "now", x1: width * NOW, x2: width * NOW, y1: 0, y2: height - 20 });
    box.setAttribute("viewBox", `0 0 ${width} ${height}`);
    box.setAttribute("height", String(height));
    const { sessionEndsAt } = client.getSnapshot();
    box.replaceChildren(moved, line, draw("g", {}, ...frame({ width, letters, own: tabs.letter(), sessionEndsAt })));
    shift = (at) => (now - at) * scale;
    [stale, drawnAt] = [false, now];
    if (details.open) showList();
  };

  /** What became of a session that began long before is drawn from its beginning. */
  const sessionsToo = (entries) => {
    const shown = new Set(entries.map(({ session }) => session));
    const first = history.all().find(({ kind, session }) => kind === "life" && shown.has(session));
    return first && !entries.includes(first) ? [first, ...entries] : entries;
  };

  const step = () => {
    if (document.hidden) return;
    const now = Date.now() / 1000;
    if (stale || now - drawnAt > 8) redraw();
    moved.setAttribute("transform", `translate(${shift(now).toFixed(1)} 0)`);
    const text = caption(client.getSnapshot(), host.now() / 1000, tabs);
    if (byId("timeline-now").textContent !== text) byId("timeline-now").textContent = text;
  };

  const showList = () => {
    const entries = history.all().slice(-LISTED).reverse();
    list.replaceChildren(...entries.map((entry) => make("li", {}, make("time", { datetime: new Date(entry.at * 1000).toISOString() }, clock(entry.at)), make("span", {}, sentence(entry)))));
  };

  const again = () => void (stale = true);
  history.onChange(again);
  tabs.onChange(again);
  details.addEventListener("toggle", again);
  new ResizeObserver(again).observe(box);
  const choose = (seconds) => {
    span = seconds;
    for (const button of spans) button.setAttribute("aria-pressed", String(Number(button.dataset.span) === span));
    again();
  };
  for (const button of spans) button.addEventListener("click", () => choose(Number(button.dataset.span)));
  choose(innerWidth < NARROW ? 60 : 120);
  spoken(() => {
    byId("legend").replaceChildren(
      ...legend.map((name) => make("li", {}, draw("svg", { viewBox: "-9 -9 18 18", width: 18, height: 18, "aria-hidden": "true" }, glyph(name, { x: 0, y: 0 })), make("span", {}, ...rich(`legend.${name}`)))),
    );
    again();
  });
  setInterval(step, STEP);
}

/** The drawing in a sentence or two: what a screen reader says of it. */
function caption({ generation, expiresAt, refreshAt, status }, now, tabs) {
  const letters = tabs.letters().join(", ");
  if (expiresAt === undefined || status === "ended" || status === "signedOut") return t("timeline.nothing", { letters });
  const left = Math.max(0, Math.ceil(expiresAt - now));
  const due = Math.ceil((refreshAt ?? now) - now);
  const plan = refreshAt === undefined ? "" : t(due > 0 ? "timeline.nextIn" : "timeline.nextNow", { seconds: due });
  return [t("timeline.now", { generation, seconds: left }), plan, t("timeline.tabs", { letters })].filter(Boolean).join(" ");
}
