// The tabs of this browser know each other by a letter, and tell each other what they do. Never a token.

import { keep, recall } from "./memory.js";

const CHANNEL = "evertoken-demo";
const LETTER = "demo:tab";
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ";

/**
 * Joins the others.
 * @param {(message: any) => void} hear
 */
export function joinTabs(hear) {
  // Not secret; and there is no randomUUID on plain http.
  const id = String(Math.random()).slice(2);
  const since = performance.timeOrigin;
  /** Letters of the others, by id. @type {Map<string, string>} */
  const others = new Map();
  // A reload keeps its letter; a copy of a tab brings the original's along, and gives way to it.
  let letter = recall("sessionStorage", LETTER) ?? LETTERS[0];
  /** @type {BroadcastChannel | undefined} */
  let channel;
  /** @type {Set<() => void>} */
  const listening = new Set();
  const changed = () => listening.forEach((tell) => tell());

  const say = (kind, more) => channel?.postMessage({ kind, from: { id, since, letter }, ...more });

  const take = (wanted) => {
    letter = wanted;
    keep("sessionStorage", LETTER, letter);
    changed();
  };

  /** Of two with one letter the one that was there first keeps it. */
  const yields = (from) => from.letter === letter && (from.since < since || (from.since === since && from.id < id));

  const heard = ({ data }) => {
    const { kind, from } = data;
    if (kind === "bye") others.delete(from.id);
    else others.set(from.id, from.letter);
    if (yields(from)) {
      const taken = new Set(others.values());
      take([...LETTERS].find((free) => !taken.has(free)) ?? id.slice(0, 2));
      say("here");
    } else if (kind === "hello") {
      say("here");
    }
    changed();
    hear(data);
  };

  const open = () => {
    channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = heard;
    say("hello");
  };
  /** A page with a channel could not be put aside whole, to be there at once when somebody goes back. */
  const close = () => {
    say("bye");
    channel?.close();
    channel = undefined;
  };

  addEventListener("pagehide", close);
  addEventListener("pageshow", ({ persisted }) => persisted && open());
  take(letter);
  open();

  return {
    say,
    letter: () => letter,
    /** The letters of all tabs there are, in order. */
    letters: () => [...new Set([letter, ...others.values()])].sort(),
    onChange: (tell) => void listening.add(tell),
  };
}
