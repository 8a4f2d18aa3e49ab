// The page's language: what the browser prefers, until somebody chooses.

import { make } from "./dom.js";
import { keep, recall } from "./memory.js";
import { en } from "./texts/en.js";
import { zh } from "./texts/zh.js";

const texts = { en, zh };
const tags = { en: "en", zh: "zh-CN" };
const CHOSEN = "demo:language";

/** Whom to tell of another language. @type {Set<() => void>} */
const listening = new Set();

const wanted = [recall("localStorage", CHOSEN) ?? "", ...navigator.languages.map((tag) => tag.slice(0, 2))];
let language = wanted.find((tag) => Object.hasOwn(texts, tag)) ?? "en";

/**
 * The text of this name, with values in the place of their names.
 * @param {string} name
 * @param {Record<string, unknown>} [values]
 */
export function t(name, values = {}) {
  const text = texts[language][name];
  if (text === undefined) throw new Error(`texts/${language}.js has no ${name}`);
  return text.replace(/\{(\w+)\}/g, (_, value) => String(values[value]));
}

/** The same as nodes: `code` and **what matters** are marked in the texts. */
export const rich = (name, values) =>
  t(name, values).split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`")) return make("code", {}, part.slice(1, -1));
    return part.startsWith("**") ? make("strong", {}, part.slice(2, -2)) : part;
  });

/** The day of an instant in Unix seconds, as it is said in this language. @param {number} seconds */
export const day = (seconds) => new Date(seconds * 1000).toLocaleDateString(tags[language], { dateStyle: "medium" });

/** Calls `say` now and whenever the language changes. @param {() => void} say */
export function spoken(say) {
  listening.add(say);
  say();
}

/** Fills what index.html names, and offers the other language. */
export function speak() {
  spoken(() => {
    document.documentElement.lang = tags[language];
    document.title = t("title");
    for (const element of document.querySelectorAll("[data-t]")) element.replaceChildren(...rich(element.dataset.t));
    for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
    for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
  });
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      language = button.dataset.language;
      keep("localStorage", CHOSEN, language);
      for (const say of listening) say();
    });
  }
}
