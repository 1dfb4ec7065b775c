/** An event of a scenario as people say it. */
import type { ScenarioEvent } from './scenario.ts';

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const metres = (value: number): string => `${Math.round(value * 10) / 10}`;

export function eventWords(event: ScenarioEvent, nameOf: (node: number) => string): string {
  switch (event.do) {
    case 'start':
      return `${nameOf(event.node)} switched on`;
    case 'kill':
      return `${nameOf(event.node)} switched off`;
    case 'reset':
      return `${nameOf(event.node)} reset`;
    case 'move':
      return `${nameOf(event.node)} moved to ${metres(event.x)}, ${metres(event.y)} m`;
    case 'walls': {
      const { length } = event.walls;
      return length === 0 ? 'no walls' : length === 1 ? '1 wall' : `${length} walls`;
    }
    case 'jam':
      return `channel ${event.channel} ${event.on ? 'jammed' : 'free again'}`;
    case 'partition':
      return event.groups.length === 0
        ? 'all sides hear each other again'
        : `cut apart: ${event.groups.map(({ length }) => length).join(' | ')} nodes`;
    case 'deafen':
      return `${nameOf(event.to)} ${event.on ? 'does not hear' : 'hears'} ${nameOf(event.from)}`;
    case 'air': {
      const said = [
        event.loss === undefined ? '' : `${percent(event.loss)} more loss`,
        event.duplicate ? `${percent(event.duplicate)} doubled` : '',
        event.damage ? `${percent(event.damage)} damaged` : '',
      ].filter(Boolean);
      return `air: ${said.join(', ') || 'as usual'}`;
    }
    case 'power-cut':
      return `${nameOf(event.node)} restarts, and its power goes at flash operation ${event.operation} for ${event.offMs} ms`;
    case 'router':
      return `router ${event.router + 1} switched ${event.on ? 'on' : 'off'}`;
    case 'router-channel':
      return `router ${event.router + 1} moves to channel ${event.channel}`;
    case 'lose-answer':
      return `the driver of ${nameOf(event.node)} forgets to answer for a frame`;
    case 'stall':
      return `${nameOf(event.node)} does nothing for ${event.ms} ms`;
    case 'button':
      return `${nameOf(event.node)}: button ${event.down ? 'down' : 'up'}`;
    case 'send':
      return `${nameOf(event.node)} is asked "${event.request}" on its console`;
    case 'forge':
      return `${event.count} forged frames beside ${nameOf(event.node)}`;
    case 'replay':
      return `${event.count} frames of ${nameOf(event.of)} sent again beside ${nameOf(event.node)}`;
  }
}
