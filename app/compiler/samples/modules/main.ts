import './first.ts';
import { LIMIT, NAMES, Widget, area, type Size } from './deep/parts.ts';
import * as parts from './deep/parts.ts';
import { renamed as other } from './again.ts';

const size: Size = { width: 2, height: LIMIT };
console.log(area(size), parts.area({ width: 1, height: 1 }), parts.LIMIT, other(3));
console.log(new Widget('w').title(), NAMES.length, NAMES[1], parts.NAMES.join());
if (LIMIT > 100) console.log('never');
const early = compute(4);
function compute(n: number): number {
  return n * LIMIT;
}
console.log(early);
