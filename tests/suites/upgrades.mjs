// What other releases stored, in the browser's storage: the last one's is gone on with, a later one's left alone.

import { equal, same } from "./check.mjs";
import { EVENTS, serverOf } from "./client.mjs";

const force = { forceRefresh: true };
const LOGIN = "c2lnbi1pbi1vZi0yMi1jaA";

/** @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any }} runtime  of a page */
export const testUpgrades = ({ test, evertoken }) => {
  /** A page with what was stored before it was opened. */
  const opened = (key, items) => {
    for (const [name, value] of Object.entries(items)) localStorage.setItem(`${key}${name}`, value);
    const server = serverOf();
    const heard = [];
    const client = evertoken.createClient({ tokenEndpoint: "/token", storageKey: key, host: { fetch: server.fetch } });
    for (const event of EVENTS) client.on(event, ({ code }) => heard.push(code ?? event));
    const stored = () => Object.fromEntries(Object.keys(items).map((name) => [name, localStorage.getItem(`${key}${name}`)]));
    const close = () => {
      client.dispose();
      for (const name of Object.keys(localStorage)) if (name.startsWith(key)) localStorage.removeItem(name);
    };
    return { server, client, heard, stored, close };
  };

  test("C47: what the first release stored is gone on with, by its attempt", async () => {
    const { server, client, heard, close } = opened("c47", {
      "": `{"v":1,"login":"${LOGIN}"}`,
      [`:${LOGIN}:3`]: `{"v":1,"attempt":"the-attempt","access_token":"a0","received_at":${Date.now()},"refresh_token":"r0","life_ms":300000,"session_id":"s"}`,
    });
    equal(await client.getAccessToken(), "a0");
    equal(await client.getAccessToken(force), "a1");
    same([server.posts.length, server.posts[0].get("attempt"), client.getSnapshot().generation], [1, "the-attempt", 4]);
    same(heard.filter((event) => event !== "refreshed"), []);
    close();
  });

  test("C47: what a later release stored is left alone, and this tab goes on in memory with one warning", async () => {
    const later = { "": `{"v":2,"login":"${LOGIN}","more":[]}`, [`:${LOGIN}:4`]: "?" };
    const { server, client, heard, stored, close } = opened("c47later", later);
    equal(await client.getAccessToken(), null);
    await client.setTokens(server.tokens());
    for (let round = 1; round <= 3; round++) equal(await client.getAccessToken(force), `a${round}`);
    await client.signOut();
    same(stored(), later);
    same(heard.filter((event) => event.startsWith("ERR_")), ["ERR_STORE"]);
    close();
  });
};
