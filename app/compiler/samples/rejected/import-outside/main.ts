import { lamp } from './application/lamp.ts';
console.log(lamp());
