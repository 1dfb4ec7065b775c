/** Where a browser finds the MicroPython machine. */
export { default as wasmUrl } from '@micropython/micropython-webassembly-pyscript/micropython.wasm?url';
