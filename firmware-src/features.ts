/**
 * Compile-time switches. The build overrides them by name; a branch behind a false one is not carried.
 */

/** Version and source digest, put in by the build; boards say it in `hello`. */
export const FIRMWARE_ID = '0.1.0+source';

/** A user's application runs on the node. The build sets it: true with an application, false without. */
export const APPLICATION: boolean = true;

/** Parent and child are also linked by TCP over Wi-Fi access points; without, ESP-NOW carries everything. */
export const WIFI_TREE: boolean = false;

/** The root joins the network's router, and the mesh goes to its channel. A network without a router needs none of it. */
export const ROUTER: boolean = false;

/**
 * Files whose code a board has in its memory only while it is needed: a call of a function that they export loads them, with what
 * only they import. What such a file may hold is said in app/compiler/README.md.
 */
export const LAZY_PARTS: readonly string[] = [
  'node/joining-session.ts',
  'node/delivery-work.ts',
  'node/requests.ts',
  'mesh/links.ts',
  'board/wifi.ts',
  'mesh/router.ts',
  'board/router.ts',
];

/** Boards admit each other by button, and a joined one carries the handshake of a board that is not plugged in. */
export const SETUP_ON_AIR: boolean = true;
