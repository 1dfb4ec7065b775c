/** A flash job through both workers' code: the flasher's and the virtual world's. */
import { expect, it } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { seededRandom } from '../base/random.ts';
import { VirtualWorldClient } from '../sim/client.ts';
import type { Endpoint } from '../sim/messages.ts';
import { WorldServer } from '../sim/world-server.ts';
import { openFlashSessionIn } from './client.ts';
import { planFlash } from './plan.ts';
import { hostSession } from './session-host.ts';
import { surveyBoard } from './survey.ts';

it('flashes a board that lives in a worker, from another worker', async () => {
  const { port1, port2 } = new MessageChannel();
  const server = new WorldServer(port2 as unknown as Endpoint, undefined);
  const client = new VirtualWorldClient(port1 as unknown as Endpoint, { seed: 1, bootMs: 50 });
  try {
    const handle = await client.addBoard({ chip: 'esp32c3', mac: '24:0a:c4:00:00:21', x: 0, y: 0 });
    const want = [{ name: 'firmware', at: 0x200000, bytes: seededRandom(9).bytes(60_000) }];
    const session = await openFlashSessionIn(
      (message, transfer) => void hostSession(structuredClone(message, { transfer })),
      handle.port,
    );
    expect(session.mac).toBe('24:0a:c4:00:00:21');
    await session.write(planFlash(await surveyBoard(session, want), want, session.chip));
    expect(await session.md5(0x200000, 60_000)).toBe(bytesToHex(md5(want[0]!.bytes)));
    await session.resetIntoFirmware();
    await session.close();
  } finally {
    server.close();
    port1.close();
    port2.close();
  }
});
