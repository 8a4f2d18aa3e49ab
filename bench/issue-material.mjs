// What every contestant of `npm run bench -- issue` is made from.

export const ORIGIN = "https://issuer.example";
export const CLIENT = "bench";

/** The issuer's options; the keys come from whoever starts the runtime, so that all servers share them. */
export const optionsOf = ({ signingKeys, secret }, store) => ({
  issuer: ORIGIN,
  audience: "https://api.example",
  signingKeys,
  secrets: [secret],
  store,
});

/** A refresh as it is posted. */
export const refreshRequest = (url, token, more = {}) =>
  new Request(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: token, client_id: CLIENT, ...more }).toString(),
  });

/** 22 letters at random, as a client makes them for each refresh. */
export const attempt = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

/** A server over `issuer`: signs in by a call, refreshes over its own endpoint. */
export const evertoken = (issuer) => ({
  signIn: async (subject) => (await issuer.issue({ subject, clientId: CLIENT })).refresh_token,
  refresh: async (token) => refreshed(await issuer.handle(refreshRequest(`${ORIGIN}/token`, token, { attempt: attempt() }))),
});

/** The refresh token of an answer, or why there is none. */
export const refreshed = async (response) => {
  const text = await response.text();
  const token = response.ok ? JSON.parse(text).refresh_token : undefined;
  if (!token) throw new Error(`a refresh was answered ${response.status}: ${text.slice(0, 200)}`);
  return token;
};
