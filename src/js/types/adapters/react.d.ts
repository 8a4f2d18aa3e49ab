// `evertoken/react`: a client for components, and what it knows for them to render. For React 18 and 19, strict mode
// and rendering on a server.

import type { ReactElement, ReactNode } from "react";
import type { Client, JwtClaims, Snapshot } from "../index.js";

/**
 * Gives its `client` to the hooks of all components below, its `children`. The client is made and disposed of outside of React, once for a page;
 * neither mounting nor unmounting touches it.
 *
 * ```jsx
 * const client = createClient({ tokenEndpoint: "/token", clientId: "web" });
 * createRoot(element).render(<EvertokenProvider client={client}><App /></EvertokenProvider>);
 * ```
 */
export function EvertokenProvider(props: { client: Client; children?: ReactNode }): ReactElement;

/** The client of the nearest `EvertokenProvider`: the same one at each render. Throws `ERR_OPTIONS` (`client`) where there is none. */
export function useClient(): Client;

/**
 * The client's snapshot; renders again when it changes. On a server, and while a page takes over what a server rendered, its
 * `status` is "loading". Throws as `useClient`.
 */
export function useSnapshot(): Snapshot;

/**
 * The claims of the access token, **not verified**: for what to show, never for what to allow; `null` when nobody is signed in, on a
 * server, and while a page takes over what a server rendered. Renders again when they change, as at a refresh. Throws as `useClient`.
 *
 * ```jsx
 * const Greeting = () => <p>Hello {useClaims()?.name ?? "stranger"}</p>;
 * ```
 */
export function useClaims<C = {}>(): (JwtClaims & C) | null;
