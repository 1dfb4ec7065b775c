/** Reasons of the line's own why a board's job stops; nothing was written in any of them. */
import type { Problem } from '../shared/problem.ts';

export const NO_NODE_LEFT: Problem = {
  code: 'no-node-left',
  title: 'No planned node is left for this board',
  cause: 'Every planned node has a board, or one is being made into it.',
  next: 'Plan more nodes on the Network screen, then start this board again. Nothing was written to it.',
  details: 'code: no-node-left',
};

export function otherBoard(wanted: string, found: string): Problem {
  return {
    code: 'other-board',
    title: 'This is another board than the one of that job',
    cause: `The job was for ${wanted}; this one is ${found}.`,
    next: 'Plug in the board of that job and resume again, or give this one another node. Nothing was written to it.',
    details: `code: other-board\nwanted: ${wanted}\nfound: ${found}`,
  };
}
