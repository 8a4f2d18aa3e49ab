// The sign-in form: asks the worker for tokens and hands them to the client.

import { byId } from "./dom.js";
import { spoken, t } from "./language.js";
import { endedBecause } from "./words.js";

/**
 * @param {{ setTokens: Function, getSnapshot: Function }} client
 * @param {() => void} signingIn  called when tokens have come
 */
export function showSignIn(client, signingIn) {
  const form = byId("sign-in-form");
  const username = byId("username");
  const password = byId("password");
  const submit = form.querySelector("[type=submit]");

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-disabled")) return;
    submit.setAttribute("aria-disabled", "true");
    const error = await signIn(client, signingIn, username.value.trim(), password.value);
    submit.removeAttribute("aria-disabled");
    byId("sign-in-error").textContent = error ?? "";
    password.setAttribute("aria-invalid", String(error !== undefined));
    if (error) password.focus();
  });

  const accounts = [...form.querySelectorAll(".account")];
  const press = () => accounts.forEach((account) => account.setAttribute("aria-pressed", String(account.dataset.username === username.value)));
  for (const account of accounts) {
    account.addEventListener("click", () => {
      username.value = account.dataset.username;
      password.value = `${username.value}-password`;
      press();
    });
  }
  username.addEventListener("input", press);
  press();

  const showEnd = ({ status, endReason }) => {
    const ended = byId("ended");
    ended.hidden = status !== "ended" || endReason === "signedOut";
    if (!ended.hidden) ended.textContent = t("signIn.ended", { why: endedBecause(endReason) });
  };
  spoken(() => showEnd(client.getSnapshot()));
  return showEnd;
}

/** What went wrong, in words for the person at the form; nothing when they are in. */
async function signIn(client, signingIn, username, password) {
  try {
    const response = await fetch("/api/sign-in", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password }),
    });
    if (response.status === 401) return t("signIn.wrong");
    if (!response.ok) return t("signIn.answered", { status: response.status });
    const tokens = await response.json();
    signingIn();
    await client.setTokens(tokens);
    return undefined;
  } catch (error) {
    return error.code ? error.message : t("signIn.unreachable");
  }
}
