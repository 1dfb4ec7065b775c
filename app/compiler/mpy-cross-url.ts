/** Where a browser finds the bytecode compiler; for workers, which hand it to setMpyCrossUrl. */
export { default as mpyCrossUrl } from '@pybricks/mpy-cross-v6/build/mpy-cross-v6.wasm?url';
