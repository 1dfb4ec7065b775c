declare module 'espnow' {
  export class ESPNow {
    active(on: boolean): void;
    config(options: Keywords<{ rxbuf?: number }>): void;
    /** 16 bytes; before encrypted peers are added. */
    set_pmk(pmk: Uint8Array): void;
    /** `lmk`: 16 bytes, encrypts what goes to and comes from this peer alone; channel 0, the current one. */
    add_peer(mac: Uint8Array, lmk?: Uint8Array): void;
    del_peer(mac: Uint8Array): void;
    /**
     * [mac, message], or [null, null] when nothing came within the time; 0 does not wait. Makes no new object: the next call writes
     * into the same list and the same message.
     */
    irecv(timeoutMs: number): readonly [Uint8Array | null, Uint8Array | null];
    send(mac: Uint8Array, message: Uint8Array, sync: boolean): boolean;
    /** [sent, answered, failed, received, dropped]. */
    stats(): readonly [number, number, number, number, number];
    /** MAC -> [rssi, time]; grows with every sender that was ever read and cannot be cleared. */
    readonly peers_table: PeersTable;
  }
  /** A Python dict with bytes as keys. */
  export interface PeersTable {
    get(mac: Uint8Array): readonly [number, number];
  }
}
