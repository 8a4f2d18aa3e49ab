// `evertoken/axios`: the requests of an axios instance with the client's token. For axios 1.12 and later.

import type { Client } from "../index.js";

/** As much of an axios instance as is used. */
export interface AxiosInstanceLike {
  interceptors: {
    request: {
      use(fulfilled: (config: any) => any, rejected?: any, options?: any): number;
      eject(id: number): void;
    };
  };
}

/**
 * Sends the instance's requests through `client.fetch`, by axios' own adapter "fetch", until the function that it returns is
 * called. So the client's rules hold: a token that is valid, for the allowed `origins` only, also where a request is redirected;
 * after a 401 one refresh for all that wait, and one replay; a 401 that asks for a step-up, and one to a body that can be
 * read once only (a stream), are handed on; a token in `renewedTokenHeader` is taken. axios' `signal` and `timeout` (which
 * includes waiting for a refresh) end a request, never the refresh.
 *
 * `fetchOptions: { skipAuth: true }` sends a request without the token, and so does a header `Authorization` or axios' `auth` of
 * its own. Where no token can be had the request rejects with an `AxiosError` that has the `code` of the `TokenError`
 * (`ERR_SESSION_ENDED`, `ERR_REFRESH_UNAVAILABLE`), which is its `cause`. The token is in no `config`, and so in no error.
 *
 * Options of axios' other adapters, such as `httpAgent` and `proxy`, do nothing, and "stream" as `responseType` gives a
 * `ReadableStream`. Where an instance has a function as its `adapter`, that one is called as ever, and gets no token.
 *
 * ```js
 * const api = axios.create({ baseURL: "https://api.example.com" });
 * const detach = attach(api, createClient({ tokenEndpoint: "/token", origins: ["https://api.example.com"] }));
 * const { data } = await api.get("/me");
 * ```
 */
export function attach(instance: AxiosInstanceLike, client: Pick<Client, "fetch">): () => void;
