/** IPv4 addresses as numbers. */

export const ANY = 0;
export const BROADCAST_IP = 0xffffffff;
export const DEFAULT_AP_IP = 0xc0a80401; // 192.168.4.1

export interface IpConfig {
  ip: number;
  mask: number;
  gateway: number;
  dns: number;
}

export function sameSubnet(a: number, b: number, mask: number): boolean {
  return (a & mask) === (b & mask);
}

export function isBroadcast(ip: number, config: IpConfig): boolean {
  return ip === BROADCAST_IP || (config.ip !== ANY && ip === (config.ip | ~config.mask) >>> 0);
}

export function ipText(ip: number): string {
  return [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');
}
