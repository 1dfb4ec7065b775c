declare module '@pybricks/mpy-cross-v6/build/mpy-cross-v6.js' {
  interface MpyCrossRun {
    arguments: string[];
    inputFileContents: string;
    callback(status: number, mpy: Uint8Array | undefined, out: string[], err: string[]): void;
    instantiateWasm(
      imports: WebAssembly.Imports,
      received: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ): object;
  }
  const mpyCross: (run: MpyCrossRun) => unknown;
  export default mpyCross;
}
