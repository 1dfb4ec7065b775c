/** The package carries no types; these are the parts in use. */
declare module '@micropython/micropython-webassembly-pyscript' {
  export function loadMicroPython(options: {
    url?: string;
    heapsize?: number;
    pystack?: number;
    linebuffer?: boolean;
    stdin?: () => number | null;
    stdout?: (bytes: Uint8Array) => void;
    stderr?: (bytes: Uint8Array) => void;
  }): Promise<unknown>;
}
