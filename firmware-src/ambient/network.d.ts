declare module 'network' {
  export const STA_IF: number;
  export const AP_IF: number;
  /** Read app/sim/wifi/settings.ts and station.ts before trusting a name: several values outlive what they belong to. */
  export class WLAN {
    constructor(interfaceId: number);
    active(on?: boolean): boolean;
    /** Station: it has an address. Access point: somebody is on its list. */
    isconnected(): boolean;
    /**
     * 1000 idle, 1001 connecting, 1010 address; a reason otherwise, which stays while the next attempt is under way. Not for AP_IF.
     * With 'rssi': dBm of the access point that it is joined to.
     */
    status(what?: 'rssi'): number;
    /** Rows of one address each; those that were killed stay on the list for minutes. */
    status(what: 'stations'): readonly (readonly Uint8Array[])[];
    /** At once; raises while an attempt is under way. */
    connect(ssid: string, key: string, options: Keywords<{ bssid?: Uint8Array }>): void;
    /** All channels: blocks for 2.5 s and more. [name, address, channel, dBm, security, hidden]; [] while joining. */
    scan(): readonly (readonly [Uint8Array, Uint8Array, number, number, number, boolean])[];
    disconnect(): void;
    /** [address, mask, gateway, name server]. */
    ifconfig(): readonly string[];
    /** The name server must not be 0.0.0.0; 'dhcp' on a station only. */
    ifconfig(row: readonly string[] | 'dhcp'): void;
    config(name: 'mac'): Uint8Array;
    config(name: 'channel'): number;
    config(
      options: Keywords<{
        pm?: number;
        channel?: number;
        reconnects?: number;
        txpower?: number;
        ssid?: string;
        key?: string;
        security?: number;
        hidden?: boolean;
        max_clients?: number;
      }>,
    ): void;
  }
}
