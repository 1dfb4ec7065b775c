/** Virtual boards as the screens use them: the world runs in a worker, its ports join the real ones. */
import { startVirtualWorld, type BoardHandle } from './sim/client.ts';
import type { SerialPorts } from './views/parts/serial-ports.ts';
import type { VirtualBoards } from './views/shared/ports.ts';

/** Boards stand on a grid of this pitch: near enough for every neighbour to be heard, far enough for figures to differ. */
const PITCH_M = 9;
const COLUMNS = 4;

/** The same seed every time: what was seen once can be shown again. */
const SEED = 1;

export function virtualBoards(ports: SerialPorts): VirtualBoards {
  const world = startVirtualWorld({ seed: SEED });
  const handles = new Map<string, BoardHandle>();
  let made = 0;
  const handleOf = (id: string): BoardHandle => {
    const handle = handles.get(id);
    if (!handle) throw new Error(`there is no virtual board ${id}`);
    return handle;
  };
  return {
    async add(chip) {
      const place = made++;
      const handle = world.addBoard({
        chip,
        name: `Virtual board ${made}`,
        x: (place % COLUMNS) * PITCH_M,
        y: Math.floor(place / COLUMNS) * PITCH_M,
      });
      const id = `virtual-${handle.mac}`;
      handles.set(id, handle);
      const { mac, name: label } = handle;
      return ports.add(handle.port, { kind: 'virtual', label, mac, chip }, id);
    },
    async remove(id) {
      handleOf(id).remove();
      handles.delete(id);
      ports.drop(id);
    },
    async setPower(id, on) {
      const handle = handleOf(id);
      if (on) handle.powerOn();
      else handle.powerOff();
    },
  };
}
