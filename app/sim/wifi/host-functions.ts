/** What network.WLAN and socket ask of their board; see sim/host-functions.ts. Bytes in the mailbox from DATA_AT, addresses before. */
import { bytesToHex, hexToBytes } from '../../base/bytes.ts';
import type { HostFunction, HostMemory } from '../engine.ts';
import type { Wireless } from '../wireless.ts';
import type { IpConfig } from './address.ts';
import { ANY } from './address.ts';
import { WIFI_ERROR } from './settings.ts';

/** An address is 4 bytes, in the order of the wire: mailbox[0..4]; a port two, high byte first: mailbox[4..6]. */
export const DATA_AT = 64;
const MOST_DATA = 16384;
const DNS_ZERO = -11;

export function wifiFunctions(
  vm: HostMemory,
  wireless: Wireless,
  touch: () => void,
): Record<string, HostFunction> {
  return { ...wlan(vm, wireless), ...addresses(vm, wireless), ...sockets(vm, wireless, touch) };
}

function put(vm: HostMemory, bytes: Uint8Array, at = 0): number {
  vm.mailbox.set(bytes, at);
  return bytes.length;
}

function wlan(vm: HostMemory, wireless: Wireless): Record<string, HostFunction> {
  const { settings, station, accessPoint } = wireless;
  return {
    wlan_active: (index, active) => {
      if (active === 0 || active === 1) settings.setActive(index ?? 0, active === 1);
      return wireless.active[index === 1 ? 1 : 0] ? 1 : 0;
    },
    wlan_set: (index, setting, value, size) =>
      settings.set(index ?? 0, setting ?? 0, value ?? 0, vm.mailbox.slice(0, size)),
    wlan_commit: (index, failed) => settings.commit(index ?? 0, failed === 1),
    wlan_get: (index, setting) => {
      const value = settings.get(index ?? 0, setting ?? 0);
      return typeof value === 'number' ? value : put(vm, value);
    },
    wlan_status: () => {
      wireless.catchUp();
      return station.status();
    },
    wlan_connected: (index) => {
      wireless.catchUp();
      if (index === 0) return station.connected ? 1 : 0;
      return accessPoint.active && accessPoint.clients.size > 0 ? 1 : 0;
    },
    wlan_rssi: () => {
      if (!wireless.active[0]) return WIFI_ERROR.internal;
      return -(station.rssiDbm() ?? 0);
    },
    /** Name in the mailbox, then key; the access point's address before DATA_AT when it is given. -1 keeps the name and key. */
    wlan_connect: (nameSize, keySize, hasAddress) => {
      wireless.catchUp();
      if (!settings.stationMode) return WIFI_ERROR.mode;
      if (!wireless.active[0]) return WIFI_ERROR.notStarted;
      if (station.connecting) return WIFI_ERROR.internal;
      if (nameSize !== undefined && nameSize >= 0) {
        const from = DATA_AT + nameSize;
        station.config = {
          ssid: vm.mailbox.slice(DATA_AT, from).slice(0, 32),
          key: vm.mailbox.slice(from, from + (keySize ?? 0)).slice(0, 64),
          bssid: hasAddress === 1 ? bytesToHex(vm.mailbox.slice(0, 6)) : undefined,
        };
      }
      return station.connect() ? 0 : WIFI_ERROR.internal;
    },
    wlan_disconnect: () => {
      if (!settings.started) return WIFI_ERROR.notStarted;
      if (!wireless.active[0]) return WIFI_ERROR.failed;
      station.disconnect();
      return 0;
    },
    wlan_stations: () => {
      if (!accessPoint.active) return WIFI_ERROR.internal;
      const rows = [...accessPoint.clients.keys()];
      rows.forEach((address, i) => put(vm, hexToBytes(address), 6 * i));
      return rows.length;
    },
    wlan_scan: () => {
      if (station.connecting) return -1;
      const found = wireless.scan().slice(0, 64);
      let at = 0;
      for (const point of found) {
        const { ssid, address, channel, rssiDbm, security } = point;
        put(vm, Uint8Array.of(ssid.length, ...address, channel, rssiDbm & 0xff, security), at);
        put(vm, ssid, at + 10);
        at += 10 + ssid.length;
      }
      return found.length;
    },
  };
}

function addresses(vm: HostMemory, wireless: Wireless): Record<string, HostFunction> {
  const { ip } = wireless;
  const write = (config: IpConfig): number => {
    const view = new DataView(vm.mailbox.buffer, vm.mailbox.byteOffset);
    [config.ip, config.mask, config.gateway, config.dns].forEach((value, i) =>
      view.setUint32(4 * i, value),
    );
    return 0;
  };
  const read = (): IpConfig => {
    const view = new DataView(vm.mailbox.buffer, vm.mailbox.byteOffset);
    const [address, mask, gateway, dns] = [0, 4, 8, 12].map((at) => view.getUint32(at));
    return { ip: address!, mask: mask!, gateway: gateway!, dns: dns! };
  };
  return {
    /** ip, mask, gateway, dns: sixteen bytes. */
    ip_get: (index) => {
      wireless.catchUp();
      return write(ip.interfaces[index === 1 ? 1 : 0].config);
    },
    /** @param withDns ifconfig() sets the name server too; 0.0.0.0 for it is refused when the rest is done already */
    ip_set: (index, withDns) => {
      const which = index === 1 ? 1 : 0;
      const config = read();
      ip.configure(which, config);
      if (withDns !== 1 || config.dns !== ANY) return 0;
      // The access point's DHCP server was stopped for the change and is not started again (platform facts, section 14).
      if (which === 1) wireless.accessPoint.dhcp.running = false;
      return DNS_ZERO;
    },
    ip_dhcp: (start) => {
      if (start === 1 && !ip.usesDhcp) ip.useDhcp();
      else if (start === 0 && ip.usesDhcp) ip.usesDhcp = false;
      return ip.usesDhcp && wireless.station.associated ? 1 : 0;
    },
  };
}

function sockets(
  vm: HostMemory,
  wireless: Wireless,
  touch: () => void,
): Record<string, HostFunction> {
  const table = wireless.sockets;
  const ip = (): number => new DataView(vm.mailbox.buffer, vm.mailbox.byteOffset).getUint32(0);
  const origin = (): void => {
    const view = new DataView(vm.mailbox.buffer, vm.mailbox.byteOffset);
    view.setUint32(0, table.origin.ip);
    view.setUint16(4, table.origin.port);
  };
  const data = (size = 0): Uint8Array =>
    vm.mailbox.slice(DATA_AT, DATA_AT + Math.min(size, MOST_DATA));
  /** Something was done, if it was. */
  const busy = (result: number): number => {
    if (result >= 0) touch();
    return result;
  };
  return {
    sock_open: (kind) => busy(table.open(kind === 2 ? 'udp' : 'tcp')),
    sock_bind: (id, port) => busy(table.bind(id ?? -1, ip(), port ?? 0)),
    sock_listen: (id) => busy(table.listen(id ?? -1)),
    sock_accept: (id) => {
      const made = table.accept(id ?? -1);
      origin();
      return busy(made);
    },
    sock_connect: (id, port) => {
      touch();
      return table.connect(id ?? -1, ip(), port ?? 0);
    },
    sock_connected: (id) => table.connected(id ?? -1),
    sock_send: (id, size) => busy(table.send(id ?? -1, data(size))),
    sock_sendto: (id, port, size) => busy(table.sendTo(id ?? -1, data(size), ip(), port ?? 0)),
    sock_recv: (id, most) => {
      const bytes = table.receive(id ?? -1, Math.min(most ?? 0, MOST_DATA));
      if (typeof bytes === 'number') return bytes;
      origin();
      return busy(put(vm, bytes, DATA_AT));
    },
    sock_poll: (id) => table.poll(id ?? -1),
    sock_option: (id, option, value) =>
      option === 1
        ? table.setNoDelay(id ?? -1, value !== 0)
        : table.setReuse(id ?? -1, value !== 0),
    sock_close: (id) => {
      touch();
      table.close(id ?? -1);
      return 0;
    },
  };
}
