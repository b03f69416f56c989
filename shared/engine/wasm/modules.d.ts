/** What Workers import a .wasm file as. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
