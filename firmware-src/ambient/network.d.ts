declare module 'network' {
  export const STA_IF: number;
  export const AP_IF: number;
  export class WLAN {
    constructor(interfaceId: number);
    active(on?: boolean): boolean;
    disconnect(): void;
    config(
      options: Keywords<{ pm?: number; channel?: number; reconnects?: number; txpower?: number }>,
    ): void;
  }
}
