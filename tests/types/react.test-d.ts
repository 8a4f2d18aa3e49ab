// `evertoken/react` as its users write it, with React's own types.

import { createElement } from "react";
import { createClient } from "evertoken";
import type { Client, Snapshot } from "evertoken";
import { EvertokenProvider, useClaims, useClient, useSnapshot } from "evertoken/react";

const client = createClient({ tokenEndpoint: "/token" });

const Status = () => {
  const snapshot: Snapshot = useSnapshot();
  const held: Client = useClient();
  const role: "admin" | "user" | undefined = useClaims<{ role: "admin" | "user" }>()?.role;
  const subject: string | undefined = useClaims()?.sub;
  // @ts-expect-error there is no such status
  const wrong = snapshot.status === "signedOff";
  return createElement("p", { onClick: () => held.signOut() }, snapshot.status, role, subject, wrong);
};

createElement(EvertokenProvider, { client }, createElement(Status));
createElement(EvertokenProvider, { client, children: ["several", createElement(Status, { key: 1 })] });
// @ts-expect-error a provider has a client
EvertokenProvider({ children: createElement(Status) });
