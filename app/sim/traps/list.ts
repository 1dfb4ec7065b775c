/**
 * The test of each trap of the platform: the rows of the table in firmware-src/board/main.ts, in its order and in its words. Each
 * names test files, from the root of the repository, with words that stand in the title of a test there. A trap that no virtual
 * board can show says why instead. list.test.ts compares this with the table and with the tests.
 */
export interface Proof {
  readonly file: string;
  readonly words: string;
}

export type Trap = readonly Proof[] | { readonly why: string };

const here = (file: string, words: string): Proof => ({ file: `app/sim/traps/${file}`, words });
const at = (file: string, words: string): Proof => ({ file, words });
const radio = (words: string): readonly Proof[] => [here('radio.test.ts', words)];
const board = (words: string): readonly Proof[] => [here('board.test.ts', words)];
const wifi = (words: string): readonly Proof[] => [here('wifi.test.ts', words)];
const sockets = (words: string): readonly Proof[] => [here('sockets.test.ts', words)];
const start = (words: string): readonly Proof[] => [here('start.test.ts', words)];

export const TRAPS: Readonly<Record<string, Trap>> = {
  'add_peer before ESP-NOW was ever active crashes the chip': radio(
    'never added before ESP-NOW is active',
  ),
  'a falsy MAC crashes the chip': radio('known by six bytes each'),
  'deactivation forgets the peers': radio('there again after ESP-NOW was started anew'),
  '20 peers in all, 6 or 7 of them encrypted': radio('one at a time beside the broadcast one'),
  "a peer on another channel than the radio's cannot be sent to": radio(
    'have no channel of their own',
  ),
  'Wi-Fi keeps its state over a soft reset': [
    here('start.test.ts', 'switches Wi-Fi off and on'),
    here('start.test.ts', 'whatever a run before a soft reset left'),
  ],
  'the station scans for ever for its access point and goes deaf': wifi(
    'reconnects is 0 before anything is sent or joined',
  ),
  'modem sleep loses ESP-NOW frames': wifi('pm is 0 before anything is sent or joined'),
  'a scan blocks for three seconds and hears nothing': wifi(
    'scans before the radio starts, and later one board at a time',
  ),
  'a station that looks for a missing router is deaf': wifi('only when the last scan has heard it'),
  'a joined station follows its router to another channel': [
    at('app/sim/scenarios/router.test.ts', 'moved to another channel: everyone follows'),
  ],
  'the channel cannot be set while a station is joined or joining': [
    here('wifi.test.ts', 'no sooner than half a second after it was told to leave'),
    here('wifi.test.ts', 'that refuses its channel is asked again'),
  ],
  'synchronous send jams at ETIMEDOUT': radio('is never synchronous'),
  'a full driver queue blocks send for two seconds': radio('so that its queue cannot fill'),
  'a lost driver callback, repeated NO_MEM': [
    here('radio.test.ts', 'the driver lost its answer'),
    here('radio.test.ts', 'refuses five times in a row'),
  ],
  'frames over 250 bytes jam receivers of 1.26 to 1.28 for good': [
    here('radio.test.ts', 'refuses a frame of 251 bytes'),
    here('radio.test.ts', 'after a frame of 300 bytes has jammed the driver'),
  ],
  'irecv returns the same buffer and list again': radio('copies each frame'),
  'peers_table grows with each new sender, and nothing clears it': radio(
    'of more than 450 senders',
  ),
  'a full heap has no room for a frame': [
    here('radio.test.ts', 'of a frame that finds no room in the heap is lost alone'),
    at('app/sim/severe.test.ts', 'that only frames do not fit costs these frames'),
  ],
  "... nor for a request's answer": [
    at('app/sim/severe.test.ts', 'a request that finds no memory is lost'),
  ],
  'default receive buffer holds two frames': radio('room for fifteen frames'),
  'any 0x03 on the console interrupts, also one in noise': [
    here('board.test.ts', 'not ended by single 0x03 bytes in noise'),
    at(
      'firmware-src/wire/console-break.test.ts',
      'a single 0x03 amid noise or in a frame does not',
    ),
  ],
  'reading stdin for n bytes blocks': board('reads one byte at a time'),
  'UART keeps 259 bytes of input (22 ms at 115200 baud)': board(
    'takes 2000 bytes at the full speed',
  ),
  'USB-Serial-JTAG stalls on writes of a multiple of 64 bytes': board(
    'in pieces of 63 bytes at most',
  ),
  'a long write blocks at 115200 baud (512 bytes: 44 ms)': board(
    'never more than the buffer of the line holds',
  ),
  'a loop that never rests starves the other tasks': board('rests at the end of a turn'),
  "sleep_ms below 11 ms spins, for the system's tick is 10 ms": board('never by sleeping'),
  'ticks_ms wraps at 2^30': [
    here('board.test.ts', 'counter of milliseconds wraps at 2^30'),
    here('board.test.ts', 'adds up what has passed'),
  ],
  'NVS: i32 and blobs only, errors by name, keys cut at 15': [
    here('board.test.ts', 'is told by its name, and nothing is thrown'),
    here('board.test.ts', 'keys of 15 characters at most, and for no type but i32 and blob'),
  ],
  'NVS set_i32 raises OverflowError beyond 32 bits': board('is given no number beyond 31 bits'),
  'the watchdog cannot be stopped, and would reset a person at the REPL': board(
    'at the prompt in peace for a day',
  ),
  'an error out of step()': [
    at('app/sim/severe.test.ts', 'is printed with its place, and the board restarts'),
  ],
  'garbage collection when the heap is full takes long': [
    here('board.test.ts', 'collects garbage only when there is enough of it'),
    here('board.test.ts', 'puts collecting off while it is busy'),
  ],
  'mem_alloc() walks the whole heap': board('looks at the heap four times a second at most'),
  'Wi-Fi needs IDF heap that the Python heap may have taken': start('until the firmware is loaded'),
  'until an import ends, all that it has read stays in memory': start(
    'is loaded and has made its board',
  ),
  'the Python heap may have taken what Wi-Fi and sockets need': [
    here('start.test.ts', 'holds memory for it in fenced pieces'),
    here('wifi.test.ts', 'with less than 10 KB'),
  ],
  'while they are held, any call of Wi-Fi may raise for want of memory': start(
    'is asked again, and the node is on the air',
  ),
  '... and so may any write to NVS': start('is waited for: the start is counted'),
  'connect() while connecting raises; so does one too soon after leaving': wifi(
    'are joined with name, channel, subnet, address and name server',
  ),
  'what status() says may belong to an earlier attempt': wifi(
    'whatever status() says of an earlier attempt',
  ),
  'an access point starts on a channel of its own, with an open name': wifi(
    'are joined with name, channel, subnet, address and name server',
  ),
  'all access points are 192.168.4.1/24 by default, and talk to themselves': wifi(
    'are joined with name, channel, subnet, address and name server',
  ),
  'a name server of 0.0.0.0 is refused, and stops the DHCP server': wifi(
    'are joined with name, channel, subnet, address and name server',
  ),
  'a DHCP server of eight leases': wifi(
    'are joined with name, channel, subnet, address and name server',
  ),
  "a dead station stays on the access point's list for minutes": [
    here('wifi.test.ts', 'to a child that lost its power end after three heartbeats'),
    here('wifi.test.ts', 'are joined with name, channel, subnet, address and name server'),
  ],
  'a dead access point is noticed after eight seconds': wifi(
    'to a parent that %s end after three heartbeats',
  ),
  'a dead connection is noticed after minutes': wifi(
    'to a parent that %s end after three heartbeats',
  ),
  'ten sockets, and the eleventh raises': sockets('seven at most beside the listener'),
  'sendall loses its place; send may be partial': sockets('takes only in part: all bytes arrive'),
  'a refused connection looks like one that is ready': sockets('the first send finds out'),
  'poll() of sockets raises EIO while the system is out of memory': sockets(
    'outlive a system that has no memory to poll them',
  ),
  'getaddrinfo and connect block': wifi('addresses are numbers, and no name is looked up'),
  'random numbers are weak while the radio is off': start(
    'is on whenever random numbers are drawn',
  ),
  'hash objects are single-shot, no HMAC, AES only ECB': [
    here('start.test.ts', 'make HMAC and counter mode'),
    at('app/sim/setup.test.ts', 'makes the keyless board one of the tree, in bytecode'),
  ],
};
