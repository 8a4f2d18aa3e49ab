// The timeline as a drawing: one row for the session, one for its access tokens, one for the server, one for each tab.

import { draw, glyph, glyphOf } from "./glyphs.js";
import { day, t } from "./language.js";
import { sentence } from "./words.js";

/** Where rows begin and how high they are, in pixels. */
const ROWS = { session: { y: 0, height: 44 }, tokens: { y: 44, height: 66 }, server: { y: 110, height: 52 } };
const TABS = 162;
const TAB = 62;
const AXIS = 26;

/** What stands above the other marks of its row, so that a trouble and what came of it do not cover each other. */
const TROUBLE = new Set(["unauthorized", "refused", "lost"]);

export const heightFor = (tabs) => TABS + tabs * TAB + AXIS;

/**
 * What does not move: the names of the rows and the lines between them.
 * @param {{ width: number, letters: string[], own: string, sessionEndsAt?: number }} view
 */
export function frame({ width, letters, own, sessionEndsAt }) {
  const named = [
    [ROWS.session.y, sessionEndsAt ? t("timeline.sessionUntil", { day: day(sessionEndsAt) }) : t("timeline.session")],
    [ROWS.tokens.y, t("timeline.tokens")],
    [ROWS.server.y, t("timeline.server")],
    ...letters.map((letter, index) => [TABS + index * TAB, t(letter === own ? "timeline.thisTab" : "timeline.tab", { letter })]),
  ];
  return named.flatMap(([y, name]) => [
    draw("line", { class: "rule", x1: 0, x2: width, y1: y + 0.5, y2: y + 0.5 }),
    draw("text", { class: "row", x: 0, y: y + 16 }, name),
  ]);
}

/**
 * What moves with the time.
 * @param {{ entries: any[], letters: string[], x: (at: number) => number, now: number, from: number, to: number }} view
 */
export function moving(view) {
  return [...axis(view), ...sessions(view), ...tokens(view), ...marks(view), ...plans(view)];
}

/** Every so many seconds a line with its time, so that they do not crowd. */
function axis({ letters, x, from, to }) {
  const apart = [5, 10, 15, 30, 60, 120].find((step) => x(step) - x(0) > 64) ?? 300;
  const bottom = TABS + letters.length * TAB;
  const drawn = [];
  for (let at = Math.ceil(from / apart) * apart; at <= to; at += apart) {
    const time = new Date(at * 1000).toLocaleTimeString("en-GB");
    drawn.push(draw("line", { class: "tick", x1: x(at), x2: x(at), y1: 0, y2: bottom + 6 }));
    drawn.push(draw("text", { class: "time", x: x(at), y: bottom + 20, "text-anchor": "middle" }, time));
  }
  return drawn;
}

const lives = (entries) => entries.filter(({ kind }) => kind === "life");

/** The refresh token of a session lives on, generation by generation, until the session ends. */
function sessions({ entries, x, to }) {
  const known = Map.groupBy(lives(entries), ({ session }) => session);
  return [...known].map(([session, seen]) => {
    const end = entries.find((entry) => entry.kind === "ended" && entry.session === session)?.at;
    const start = Math.min(...seen.map(({ from }) => from));
    return draw("rect", { class: end ? "session over" : "session", x: x(start), y: 25, width: Math.max(2, x(end ?? to + 600) - x(start)), height: 8, rx: 4 });
  });
}

/**
 * Access tokens overlap, since each is renewed before it ends: odd and even ones take turns. What is left of one that
 * was replaced is still valid, and not used any more.
 */
function tokens({ entries, x }) {
  const known = [...Map.groupBy(lives(entries), ({ session, generation }) => `${session} ${generation}`).values()];
  const bars = known.map(([life]) => {
    const { session, generation, from, to } = life;
    const over = entries.find((entry) => entry.kind === "ended" && entry.session === session)?.at ?? Infinity;
    const replaced = known.find(([next]) => next.session === session && next.generation > generation)?.[0].from ?? Infinity;
    const end = Math.max(from, Math.min(to, over));
    return { generation, from, end, used: Math.min(end, replaced), y: ROWS.tokens.y + (generation % 2 ? 24 : 43), seconds: Math.round(to - from) };
  });
  const bar = (look, { generation, y, seconds }, from, to) => {
    const rect = draw("rect", { class: look, x: x(from), y, width: Math.max(2, x(to) - x(from)), height: 15, rx: 4 });
    rect.append(draw("title", {}, t("timeline.life", { generation, seconds })));
    return rect;
  };
  return [
    ...bars.filter(({ used, end }) => used < end).map((life) => bar("token-bar replaced", life, life.from, life.end)),
    ...bars.map((life) => bar("token-bar", life, life.from, life.used)),
    ...bars.filter(({ from, used }) => x(used) - x(from) > 18).map(({ from, y, generation }) => draw("text", { class: "generation", x: x(from) + 6, y: y + 11.5 }, String(generation))),
  ];
}

function marks({ entries, letters, x }) {
  return entries.flatMap((entry) => {
    const name = glyphOf(entry);
    if (name === "deferred") return [];
    const at = x(entry.at);
    const text = sentence(entry);
    if (entry.kind === "server") return [glyph(name, { x: at, y: ROWS.server.y + (name === "served" ? 40 : 24), text })];
    const row = letters.indexOf(entry.tab);
    if (row < 0) return [];
    const y = TABS + row * TAB + (TROUBLE.has(name) ? 28 : 47);
    const mark = glyph(name, { x: at, y, text });
    const request = entry.since && at - x(entry.since) > 4 ? [draw("line", { class: "request", x1: x(entry.since), x2: at, y1: y, y2: y })] : [];
    return [...request, mark];
  });
}

/** When each tab means to renew, and in which span its jitter may put that; dropped where it did something else before. */
function plans({ entries, letters, x }) {
  return letters.flatMap((letter, row) => {
    const own = entries.filter(({ tab, kind }) => tab === letter && ["life", "deferred", "ended"].includes(kind));
    return own.flatMap(({ kind, due, earliest, latest, generation }, index) => {
      const next = own[index + 1]?.at ?? Infinity;
      if (due === undefined || next < due - 0.5) return [];
      const y = TABS + row * TAB + 47;
      const span = earliest === undefined ? [] : [draw("rect", { class: "jitter", x: x(earliest), y: y - 11, width: Math.max(2, x(latest) - x(earliest)), height: 22, rx: 3 })];
      const text = t(kind === "deferred" ? "timeline.retryDue" : "timeline.due", { time: new Date(due * 1000).toLocaleTimeString("en-GB"), generation });
      return [...span, glyph(kind === "deferred" ? "retry" : "planned", { x: x(due), y, text })];
    });
  });
}
