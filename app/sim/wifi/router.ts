/**
 * A router: an access point that is no board, with a name, WPA2, a channel, and a DHCP server for as many as join. It routes nothing:
 * there is no world behind it, but its stations reach each other and itself.
 *
 *   off    its power is cut: nobody is told, stations notice after some 8 s (platform facts, section 14)
 *   on     the same name, key and channel again; leases are forgotten, as when most routers restart
 *   tune   it moves to another channel without announcing it (no CSA): stations are told to leave (802.11 reason 3) and find it there
 */
import { utf8 } from '../../base/bytes.ts';
import type { EventQueue } from '../event-queue.ts';
import type { Medium } from '../radio/medium.ts';
import { Wireless } from '../wireless.ts';
import { SECURITY } from './access-point.ts';

export interface RouterOptions {
  ssid: string;
  /** Eight characters or more; open without. */
  password?: string;
  /** 1 to 13. */
  channel: number;
  x: number;
  y: number;
  /** Stations at once; 32 unless given. */
  maxClients?: number;
}

const USUAL_CLIENTS = 32;
/** 192.168.1.1, of class C as routers in homes come. */
const OWN_IP = 0xc0a80101;
const MASK = 0xffffff00;
const MOST_CHANNEL = 13;
const LEAST_PASSWORD = 8;
const MOST_PASSWORD = 63;
const MOST_SSID_BYTES = 32;

export class Router {
  readonly options: RouterOptions;
  readonly wireless: Wireless;
  #channel: number;

  /**
   * Without power.
   * @param id its station's address, 12 hex digits; the access point has the one after
   * @throws Error when name, password or channel are none
   */
  constructor(options: RouterOptions, id: string, medium: Medium, queue: EventQueue) {
    const problem = routerProblem(options);
    if (problem) throw new Error(problem);
    this.options = options;
    this.#channel = options.channel;
    const { x, y } = options;
    this.wireless = new Wireless(
      id,
      { x, y },
      medium,
      {
        nowUs: () => queue.nowUs,
        uptimeMs: () => Math.floor(queue.nowUs / 1000),
        waitUntil: () => undefined,
        wake: () => undefined,
        at: (us, run) => queue.at(us, run),
      },
      'router',
    );
    medium.add(this.wireless);
  }

  get isOn(): boolean {
    return this.wireless.active[1];
  }

  get channel(): number {
    return this.#channel;
  }

  get stations(): number {
    return this.wireless.accessPoint.clients.size;
  }

  on(): void {
    if (this.isOn) return;
    const { ssid, password, maxClients } = this.options;
    const { accessPoint, ip } = this.wireless;
    accessPoint.ssid = utf8(ssid);
    accessPoint.key = utf8(password ?? '');
    accessPoint.security = password === undefined ? SECURITY.open : SECURITY.wpa2;
    accessPoint.maxClients = maxClients ?? USUAL_CLIENTS;
    accessPoint.channelSetting = this.#channel;
    accessPoint.dhcp.mostLeases = Infinity;
    ip.configure(1, { ip: OWN_IP, mask: MASK, gateway: OWN_IP, dns: OWN_IP });
    this.wireless.setActive(1, true);
  }

  off(): void {
    if (this.isOn) this.wireless.powerOff(false);
  }

  /** @throws Error when it is no channel */
  tune(channel: number): void {
    const problem = routerProblem({ ...this.options, channel });
    if (problem) throw new Error(problem);
    this.#channel = channel;
    if (!this.isOn) return;
    const { accessPoint } = this.wireless;
    accessPoint.channelSetting = channel;
    accessPoint.stopped(true);
    this.wireless.tune(channel);
    accessPoint.started();
  }
}

/** Why these are no router's settings; undefined when they are. */
export function routerProblem({
  ssid,
  password,
  channel,
  maxClients,
}: Pick<RouterOptions, 'ssid' | 'password' | 'channel' | 'maxClients'>): string | undefined {
  const size = utf8(ssid).length;
  if (size === 0 || size > MOST_SSID_BYTES) return 'a router’s name has 1 to 32 bytes';
  if (password !== undefined) {
    const length = utf8(password).length;
    if (length < LEAST_PASSWORD || length > MOST_PASSWORD) {
      return 'a router’s password has 8 to 63 characters';
    }
  }
  if (!Number.isInteger(channel) || channel < 1 || channel > MOST_CHANNEL) {
    return 'a router’s channel is 1 to 13';
  }
  if (maxClients !== undefined && !(Number.isInteger(maxClients) && maxClients > 0)) {
    return 'a router takes one station or more';
  }
  return undefined;
}
