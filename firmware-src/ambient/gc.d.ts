declare module 'gc' {
  export function collect(): void;
  export function mem_alloc(): number;
  export function mem_free(): number;
  export function threshold(allocatedBytes: number): void;
}
