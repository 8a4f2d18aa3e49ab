// How WebKitGTK is run, by its driver and by wasm-pack.

/** @type {Record<string, string>} */
export const webkit = {
  // While one thread compiles and another computes, version 2.50 gets curves wrong now and then (docs/runtimes.md).
  JSC_useConcurrentJIT: "false",
  // Its sandbox does not run as root, which is what containers are.
  ...(process.getuid?.() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" }),
};
