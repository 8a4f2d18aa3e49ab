// The names that a module and its glue call each other by: nobody else does, and no bundler shortens them.

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const [FUNCTION, TABLE, , GLOBAL] = [0, 1, 2, 3];
const [IMPORTS, EXPORTS] = [2, 7];

/** @param {number} index @returns {string} */
const short = (index) => (index < LETTERS.length ? "" : short(Math.floor(index / LETTERS.length) - 1)) + LETTERS[index % LETTERS.length];

/** An unsigned number in LEB128. @param {number} value */
const number = (value) => {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
};
/** @param {string} value */
const text = (value) => Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)]);

/** @param {Buffer} bytes */
const reader = (bytes) => {
  let at = 0;
  const read = {
    ended: () => at >= bytes.length,
    byte: () => bytes.readUInt8(at++),
    number: () => {
      let value = 0;
      for (let shift = 0, byte = 128; byte & 128; shift += 7) value |= ((byte = read.byte()) & 127) << shift;
      return value >>> 0;
    },
    bytes: (/** @type {number} */ length) => bytes.subarray(at, (at += length)),
    text: () => read.bytes(read.number()).toString("utf8"),
    /** What a step goes over. @param {() => void} step */
    over: (step) => {
      const from = at;
      step();
      return bytes.subarray(from, at);
    },
  };
  return read;
};

/** @param {ReturnType<typeof reader>} read */
const importedThing = (read) => {
  const kind = read.byte();
  if (kind === FUNCTION) return void read.number();
  if (kind === GLOBAL) return void read.bytes(2);
  if (kind === TABLE) read.byte();
  const bounded = read.byte() & 1;
  read.number();
  if (bounded) read.number();
};

/** @param {ReturnType<typeof reader>} read */
const exportedThing = (read) => {
  read.byte();
  read.number();
};

/**
 * The module and its glue with short names between them. Its memory keeps its own, which tests look at.
 * @param {Buffer} wasm
 * @param {string} glue
 */
export const shortened = (wasm, glue) => {
  /** @type {Map<string, string>} */
  const imports = new Map();
  /** @type {Map<string, string>} */
  const exports = new Map();
  const named = new Set([...glue.matchAll(/\bwasm\.(\w+)/g)].map(([, name]) => name));
  /** @param {string} name @param {Map<string, string>} names */
  const renamed = (name, names) => {
    const to = name === "memory" ? name : short(names.size);
    names.set(name, to);
    return text(to);
  };
  /** @param {ReturnType<typeof reader>} section */
  const imported = (section) => [text(section.text()), renamed(section.text(), imports), section.over(() => importedThing(section))];
  /** What the glue does not use nobody does. @param {ReturnType<typeof reader>} section */
  const exported = (section) => {
    const name = section.text();
    const thing = section.over(() => exportedThing(section));
    return named.has(name) ? [renamed(name, exports), thing] : [];
  };

  const file = reader(wasm);
  const parts = [file.bytes(8)];
  while (!file.ended()) {
    const id = file.byte();
    let body = file.bytes(file.number());
    const read = { [IMPORTS]: imported, [EXPORTS]: exported }[id];
    if (read) {
      const section = reader(body);
      const entries = Array.from({ length: section.number() }, () => read(section)).filter(({ length }) => length > 0);
      body = Buffer.concat([number(entries.length), ...entries.flat()]);
    }
    parts.push(Buffer.from([id]), number(body.length), body);
  }

  const seen = new Set();
  const changed = glue
    .replace(/^( *)(\w+)(?=: function)/gm, (all, before, name) => (seen.add(name), imports.has(name) ? before + imports.get(name) : all))
    .replace(/\b(wasm\.)(\w+)/g, (all, before, name) => (exports.has(name) ? before + exports.get(name) : all));
  const missing = [...imports.keys()].filter((name) => !seen.has(name));
  if (missing.length > 0) throw new Error(`wasm-bindgen's glue does not name ${missing}; see scripts/lib/names.mjs`);
  return { wasm: Buffer.concat(parts), glue: changed };
};
