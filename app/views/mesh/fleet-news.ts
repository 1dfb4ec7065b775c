/**
 * What the live picture means for the fleet's records. Only a member of the network that is speaking can tell that another
 * one is gone: by its word, or by never naming it while whole pictures came from it for long.
 */
import { LOST_AFTER_MS, presence, type Graph } from '../../topology/graph.ts';
import type { NodeEntry } from '../shared/ports.ts';

export interface FleetNews {
  readonly seen: readonly string[];
  readonly lost: readonly string[];
}

/**
 * @param nodes of the open network
 * @param picturesSinceMs whole pictures have come one after the other since then; null when none came lately: ages are then old
 */
export function fleetNews(
  graph: Graph,
  nodes: readonly Pick<NodeEntry, 'mac' | 'state' | 'lastSeenAtMs'>[],
  picturesSinceMs: number | null,
  atMs: number,
): FleetNews {
  const seen: string[] = [];
  const lost: string[] = [];
  const ofUs = nodes.some((node) => node.mac === graph.self && node.state !== 'revoked');
  const self = graph.self === null ? undefined : graph.nodes.get(graph.self);
  const witness = ofUs && self !== undefined;
  const forLong = picturesSinceMs !== null && atMs - picturesSinceMs > LOST_AFTER_MS;
  for (const { mac, state, lastSeenAtMs } of nodes) {
    if (mac === null) continue;
    const there = graph.nodes.get(mac);
    if (there && presence(there, atMs) === 'live') {
      seen.push(mac);
      continue;
    }
    // The speaking board itself is there, whatever its own row says.
    if (!witness || (state !== 'joined' && state !== 'seen') || mac === graph.self) continue;
    const told = there !== undefined && there.lostAtMs !== null;
    const heardAtMs = Math.max(there?.heardAtMs ?? 0, lastSeenAtMs ?? 0);
    if (told || (forLong && atMs - heardAtMs > LOST_AFTER_MS)) lost.push(mac);
  }
  return { seen, lost };
}
