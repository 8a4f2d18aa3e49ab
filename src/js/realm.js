// JS because loading comes before any wasm runs: Next.js compiles modules in another realm than the one that uses them.

/**
 * The same module as one of this realm's: the glue takes any other for bytes, and compiling bytes is forbidden.
 * @param {WebAssembly.Module} module
 * @returns {WebAssembly.Module}
 */
export const ours = (module) => (module instanceof WebAssembly.Module ? module : Object.setPrototypeOf(module, WebAssembly.Module.prototype));
