import { eins, zwei, Drei } from './middle.ts';
import { one as uno } from './other.ts';
console.log(eins(), zwei, new Drei().value, uno());
