/** For tests: boards that run Python against the Wi-Fi model, one turn after the other as main.py does. */
import type { Bench } from '../testing.ts';
import { bench } from '../testing.ts';

const PRELUDE = `
import network, time, socket, select
s = network.WLAN(0)
a = network.WLAN(1)
def attempt(f, *x, **k):
    try:
        print(repr(f(*x, **k)))
    except BaseException as e:
        print(repr(e))
_last = None
def watch():
    global _last
    now = (s.status(), s.isconnected())
    if now != _last:
        _last = now
        print("status", now[0], now[1], time.ticks_ms())
def connect_to(c, address):
    try:
        c.connect(address)
    except OSError as e:
        print(repr(e))
`;

/** An access point "alpha" on channel 6 with a key, in a subnet of its own. */
export const POINT = `
s.active(False)
a.active(True)
a.config(ssid="alpha", key="secret123", security=3, channel=6)
a.ifconfig(("10.43.0.1", "255.255.255.0", "10.43.0.1", "10.43.0.1"))
`;

/** main.py: `setup` once, `turn` in every turn. `turn` sees `count`, the number of turns. */
export function python(setup: string, turn = ''): string {
  const body = [...turn.trim().split('\n'), 'return True'].map((row) => `    ${row}\n`).join('');
  return `${PRELUDE}${setup}\ncount = 0\ndef step():\n    global count\n    count += 1\n    time.sleep_ms(20)\n${body}while step():\n    pass\n`;
}

/** Times out of "status ..." rows, in whole milliseconds since the board's start. */
export function statuses(text: string): { status: number; connected: boolean; ms: number }[] {
  return [...text.matchAll(/^status (\d+) (True|False) (\d+)$/gm)].map((row) => ({
    status: Number(row[1]),
    connected: row[2] === 'True',
    ms: Number(row[3]),
  }));
}

export { bench };
export type { Bench };
