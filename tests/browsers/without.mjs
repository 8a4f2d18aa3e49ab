// In the page, before the package is there: takes away what the address says, as on plain http and in older browsers.

const given = new URLSearchParams(location.search);
const without = given.get("without")?.split(" ") ?? [];
if (without.includes("locks")) Object.defineProperty(navigator, "locks", { value: undefined });
if (without.includes("channel")) delete globalThis.BroadcastChannel;
// A tab that nobody reaches: it learns what it reads.
if (without.includes("ears")) {
  delete globalThis.BroadcastChannel;
  addEventListener("storage", (event) => event.stopImmediatePropagation(), true);
}
