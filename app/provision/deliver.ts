/**
 * Credentials for any node of the mesh through one that is plugged in: new keys, a console key, a name. The node answers with a
 * receipt that only the holder of its node key can make; without one nothing counts as delivered, and it can be sent again.
 * The wire and its guarantees: firmware-src/wire/delivery.ts; what the node does: firmware-src/node/deliveries.ts.
 */
import { toBase64Url } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import type { BoardConsole } from '../console/board-console.ts';
import { ConsoleError } from '../console/console-error.ts';
import type { JoinProof, NetworkRecord, NodeRecord } from '../fleet/record.ts';
import { bytesToHex } from '../base/bytes.ts';
import { randomBytes, v8Crypto } from '../keys/crypto.ts';
import { macBytes } from '../../firmware-src/std/hex.ts';
import { encodeCredentials } from '../../firmware-src/wire/credentials.ts';
import {
  DELIVERED,
  DELIVERY_NONCE_BYTES,
  DELIVERY_NOT_STORED,
  DELIVERY_PAST,
  DELIVERY_STALE,
  openReceipt,
  type Receipt,
  sealDelivery,
} from '../../firmware-src/wire/delivery.ts';
import { splitParts } from '../../firmware-src/wire/parts.ts';
import { signAsAdministrator } from './administrator.ts';
import { credentialsFor } from './identity.ts';
import { ProvisionError } from './provision-error.ts';

export interface DeliverOptions {
  readonly network: NetworkRecord;
  readonly node: NodeRecord;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** What the node proved by its receipt. */
export interface DeliveryProof extends JoinProof {
  readonly epoch: number;
  readonly phase: number;
}

/** With all other fields a request of 200 bytes. */
const PART_BYTES = 48;
const TRIES = 4;
const RECEIPT_MS = 6000;
/** As the counters of console requests: seconds since 2020. */
const EPOCH_2020_MS = Date.UTC(2020, 0, 1);

let lastCounter = 0;

/**
 * Resolves once the node has shown that it stored the credentials, or is further on already.
 * @throws ProvisionError no-receipt | refused | commit-failed | unreachable, ConsoleError of the plugged-in board, or the
 *   signal's reason
 */
export async function deliver(
  board: BoardConsole,
  options: DeliverOptions,
): Promise<DeliveryProof> {
  const { network, node, signal } = options;
  const clock = options.clock ?? systemClock;
  const hello = await board.waitForHello(signal ? { signal } : {});
  const own = macBytes(hello.mac);
  const mac = node.mac === null ? null : macBytes(node.mac);
  if (own === null || mac === null || node.mac === null) throw new ProvisionError('no-address');
  if (hello.state !== 'joined') throw new ProvisionError('no-carrier');
  signAsAdministrator(board, network.keys.adminKey, own);
  const text = encodeCredentials(credentialsFor(network, node, node.mac));
  lastCounter = Math.max(lastCounter + 1, Math.floor((Date.now() - EPOCH_2020_MS) / 1000));
  const seal = (): Uint8Array => {
    const nonce = randomBytes(DELIVERY_NONCE_BYTES);
    return sealDelivery(v8Crypto, node.nodeKey, mac, lastCounter, nonce, text);
  };
  let bytes = seal();
  try {
    // The same bytes again: the node does a thing once and answers each time, and a late receipt counts as well.
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const receipt = await once(board, node.mac, bytes, node.nodeKey, clock, signal);
      if (receipt === null) continue;
      if (receipt.status === DELIVERY_STALE) {
        lastCounter = Math.max(lastCounter, receipt.counter) + 1;
        bytes = seal();
        continue;
      }
      if (receipt.status === DELIVERY_NOT_STORED) throw new ProvisionError('commit-failed');
      if (receipt.status !== DELIVERED && receipt.status !== DELIVERY_PAST) {
        throw new ProvisionError('delivery-refused', { details: `epoch ${receipt.epoch}` });
      }
      return {
        mac: node.mac,
        networkId: network.id,
        firmware: node.firmware ?? '',
        transcript: bytesToHex(v8Crypto.sha256(bytes)),
        epoch: receipt.epoch,
        phase: receipt.phase,
      };
    }
    throw new ProvisionError('no-receipt');
  } finally {
    board.useSigner(null);
  }
}

/** Null when no receipt for these bytes came in time. */
async function once(
  board: BoardConsole,
  mac: string,
  bytes: Uint8Array,
  nodeKey: Uint8Array,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Receipt | null> {
  const done = new AbortController();
  let stop = (): void => {};
  const came = new Promise<Receipt>((resolve) => {
    stop = board.subscribe((event) => {
      if (event.kind !== 'frame' || event.frame.t !== 'receipt' || event.frame.mac !== mac) return;
      const receipt = openReceipt(v8Crypto, nodeKey, bytes, event.frame.data);
      if (receipt !== null) resolve(receipt);
    });
  });
  try {
    const parts = splitParts(bytes, PART_BYTES);
    for (const [part, data] of parts.entries()) {
      const fields = {
        to: mac.replaceAll(':', ''),
        data: toBase64Url(data),
        part,
        parts: parts.length,
      };
      await board.request('deliver', fields, signal ? { signal } : {});
    }
    const late = clock
      .sleep(RECEIPT_MS, AbortSignal.any(signal ? [done.signal, signal] : [done.signal]))
      .then(() => null);
    return await Promise.race([came, late]);
  } catch (error) {
    if (!(error instanceof ConsoleError)) throw error;
    if (error.code === 'refused' && error.reason === 'busy') return null;
    if (error.code === 'no-answer' || error.code === 'rebooted') return null;
    throw error;
  } finally {
    stop();
    done.abort();
  }
}
