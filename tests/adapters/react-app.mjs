// What the tests of `evertoken/react` render, on a server and in a page.

import { createElement, StrictMode } from "react";
import { EvertokenProvider, useClaims, useSnapshot } from "../../src/js/adapters/react.js";

/** Every render of the claims: a new object where nothing changed would be seen. @type {unknown[]} */
export const rendered = [];

const Status = () => createElement("b", { id: "status" }, useSnapshot().status);
const Name = () => {
  const claims = useClaims();
  rendered.push(claims);
  return createElement("i", { id: "name" }, claims?.name ?? "nobody");
};

export const app = (/** @type {any} */ client) =>
  createElement(StrictMode, null, createElement(EvertokenProvider, { client }, createElement(Status), createElement(Name)));
