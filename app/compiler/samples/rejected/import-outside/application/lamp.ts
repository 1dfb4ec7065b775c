import { level } from './parts/level.ts';
import { secret } from '../inside.ts';
export function lamp(): number {
  return level + secret;
}
