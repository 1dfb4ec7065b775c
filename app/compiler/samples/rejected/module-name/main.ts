import { a } from './json.ts';
console.log(a);
