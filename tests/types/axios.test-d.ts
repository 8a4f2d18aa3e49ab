// `evertoken/axios` as its users write it, with axios' own types.

import axios from "axios";
import { createClient } from "evertoken";
import { attach } from "evertoken/axios";

const api = axios.create({ baseURL: "/api" });
const detach: () => void = attach(api, createClient({ tokenEndpoint: "/token" }));
attach(axios, createClient({}));
await api.get<{ name: string }>("/me", { fetchOptions: { skipAuth: true } });

// @ts-expect-error the instance comes first
attach(createClient(), api);
// @ts-expect-error no client, no token
attach(api, {});

export { detach };
