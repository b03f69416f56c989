// Files that are built into the worker (see the rules of wrangler.toml).
declare module '*.ttf' {
  const bytes: ArrayBuffer;
  export default bytes;
}

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
