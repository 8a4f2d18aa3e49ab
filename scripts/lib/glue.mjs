// What is done to the glue that wasm-bindgen writes.

const LOOP = /function passStringToWasm0\(arg, malloc, realloc\) \{[^]*?\n\}\n/;

// wasm-bindgen copies a string byte by byte in JavaScript until it meets one beyond ASCII, which is a tenth of the
// time of an HS256 verification; the host copies it at once.
const COPY = `function passStringToWasm0(arg, malloc, realloc) {
    let len = arg.length;
    let ptr = malloc(len, 1) >>> 0;
    let { read, written } = cachedTextEncoder.encodeInto(arg, getUint8ArrayMemory0().subarray(ptr, ptr + len));
    if (read !== arg.length) {
        const rest = arg.slice(read);
        ptr = realloc(ptr, len, len = written + rest.length * 3, 1) >>> 0;
        written += cachedTextEncoder.encodeInto(rest, getUint8ArrayMemory0().subarray(ptr + written, ptr + len)).written;
        ptr = realloc(ptr, len, written, 1) >>> 0;
    }
    WASM_VECTOR_LEN = written;
    return ptr;
}
`;

/**
 * The glue as it ships.
 * @param {string} glue
 */
export const shipped = (glue) => {
  if (!LOOP.test(glue)) throw new Error("wasm-bindgen writes strings in another way now; see scripts/lib/glue.mjs");
  return glue.replace(LOOP, COPY);
};
