// A server in Node, on Redis.

import { Redis } from "ioredis";
import { redisStore } from "../../src/js/stores/redis.js";

export const open = async (url) => ({ store: redisStore(new Redis(url)), edge: await import("../../src/js/edge/node.js") });
