export { one as eins, Three as Drei } from './other.ts';
export { zwei } from './other.ts';
