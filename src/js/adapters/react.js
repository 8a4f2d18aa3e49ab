"use client";
// JS because React is: a client for the components below, and what it knows, for them to render.

import { createContext, createElement, useContext, useSyncExternalStore } from "react";
import { TokenError } from "../errors.js";

/** @typedef {{ subscribe: (listener: () => void) => () => void, getSnapshot: () => any, getClaims: () => any }} Client */

const Clients = /* @__PURE__ */ createContext(/** @type {Client | undefined} */ (undefined));

/** A server knows nobody's storage, and the first render of a page must be the server's. */
const loading = /* @__PURE__ */ Object.freeze({ status: "loading", generation: 0 });
const onServer = () => loading;
const nobody = () => null;

/** Gives its client to all below. @param {{ client: Client, children?: any }} props */
export const EvertokenProvider = ({ client, children }) => createElement(Clients.Provider, { value: client }, children);

/** The client of the nearest `EvertokenProvider`. */
export const useClient = () => {
  const client = useContext(Clients);
  if (!client) throw new TokenError({ code: "ERR_OPTIONS", option: "client", message: "render this within an EvertokenProvider that has a client" });
  return client;
};

/** What the client knows of the session, rendered again whenever that changes. */
export const useSnapshot = () => {
  const { subscribe, getSnapshot } = useClient();
  return useSyncExternalStore(subscribe, getSnapshot, onServer);
};

/** The claims of the access token, or `null`, rendered again whenever they change. */
export const useClaims = () => {
  const { subscribe, getClaims } = useClient();
  return useSyncExternalStore(subscribe, getClaims, nobody);
};
