// What runtimes bring that TypeScript does not know.

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "cloudflare:workers" {
  /** As much of it as the store uses. */
  export class DurableObject<Env> {
    constructor(ctx: unknown, env: Env);
    protected readonly ctx: {
      readonly storage: {
        get(key: string): Promise<any>;
        put(key: string, value: unknown): Promise<void>;
        deleteAll(): Promise<void>;
        getAlarm(): Promise<number | null>;
        setAlarm(at: number): Promise<void>;
        deleteAlarm(): Promise<void>;
      };
    };
  }
}
