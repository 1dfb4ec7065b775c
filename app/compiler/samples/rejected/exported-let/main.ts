import { count, add } from './other.ts';
add();
console.log(count);
