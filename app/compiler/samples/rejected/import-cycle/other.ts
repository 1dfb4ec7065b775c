import { a } from './main.ts';
export function b(): number {
  return a;
}
