declare module 'radio' {
  type Keywords<T> = T;
  export function configure(options: Keywords<{ channel: number }>): void;
}
