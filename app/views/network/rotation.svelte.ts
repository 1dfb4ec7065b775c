/** A change of the network's keys as the Network screen leads it: who has the new ones, telling them, changing over. */
import { problemOf } from '../shared/problem.ts';
import type { ConsoleSession, NodeEntry, RotationEntry } from '../shared/ports.ts';
import type { NetworkModel } from './network.svelte.ts';

export class RotationModel {
  /** Name of the node that is being told; null when none is. */
  telling = $state<string | null>(null);
  /** Why a node could not be told, by its id; of the last round. */
  misses = $state.raw<Readonly<Record<string, string>>>({});
  #network: NetworkModel;
  #stopped = false;

  constructor(network: NetworkModel) {
    this.#network = network;
  }

  get rotation(): RotationEntry | null {
    return this.#network.open?.rotation ?? null;
  }
  readonly rows = $derived.by((): { node: NodeEntry; standing: string }[] => {
    const { open } = this.#network;
    return (open?.nodes ?? []).flatMap((node) => {
      const standing = open?.rotation?.standings[node.id];
      return standing === undefined || standing === 'outside' ? [] : [{ node, standing }];
    });
  });
  readonly waiting = $derived(this.rows.filter(({ standing }) => standing === 'waits'));

  start(revoked: readonly string[] = []): Promise<boolean> {
    this.misses = {};
    return this.#network.change('making new keys', (handle) => handle.rotateKeys(revoked));
  }

  takeBack(id: string): Promise<boolean> {
    return this.#network.change('taking the node back', (handle) => handle.takeBack(id));
  }

  finish(): Promise<boolean> {
    return this.#network.change('ending the rotation', (handle) => handle.finishRotation());
  }

  /** Sends the keys to everybody who is to have them; with the rotation switched, the word to go by them. */
  async tell(session: ConsoleSession): Promise<void> {
    if (this.telling !== null) return;
    this.#stopped = false;
    const misses: Record<string, string> = {};
    const switched = this.rotation?.switched === true;
    const rows = this.rows.filter(({ standing }) =>
      switched ? standing !== 'revoked' : standing === 'waits',
    );
    for (const { node } of rows) {
      if (this.#stopped) break;
      this.telling = node.name;
      try {
        await this.#network.handle?.tellKeys(session, node.id);
      } catch (error) {
        const problem = problemOf(error, 'telling the node');
        misses[node.id] = `${problem.title.replace(/\.$/, '')}. ${problem.next}`;
      }
      await this.#network.refresh();
    }
    this.misses = misses;
    this.telling = null;
  }

  /** `session` may be null where there is nobody to tell. */
  async changeOver(session: ConsoleSession | null): Promise<void> {
    const done = await this.#network.change('changing over', (handle) => handle.switchKeys());
    if (done && session !== null) await this.tell(session);
  }

  stop(): void {
    this.#stopped = true;
  }
}
