import { Made, make } from './part.ts';
const made: unknown = make();
console.log(made instanceof Made);
