// Preloaded into wrangler: whoever started it may be killed without a word, and it must not stay behind.

process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
