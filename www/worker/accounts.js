// The two people who live in the demo. A real application asks its own user database here.

const accounts = new Map([
  ["demo1", { subject: "demo1", name: "Ada Demo", password: "demo1-password" }],
  ["demo2", { subject: "demo2", name: "Ben Demo", password: "demo2-password" }],
]);

// An unknown name is compared with something too, so that the time taken does not tell which names exist.
const nobody = { subject: "", name: "", password: "" };

/**
 * The account with this name and password, if there is one.
 * @param {{ username: string, password: string }} credentials
 */
export async function accountFor({ username, password }) {
  const account = accounts.get(username) ?? nobody;
  const same = await equal(password, account.password);
  return same && account !== nobody ? account : undefined;
}

// Digests have one length, so comparing them in constant time says nothing about the password's.
async function equal(a, b) {
  const [x, y] = await Promise.all([digest(a), digest(b)]);
  return crypto.subtle.timingSafeEqual(x, y);
}

const digest = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
