export class Made {
  value = 1;
}
export function make(): Made {
  return new Made();
}
