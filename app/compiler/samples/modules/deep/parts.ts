export const LIMIT = 2 + 5;
export const NAMES = ['one', 'two'];
export interface Size {
  width: number;
  height: number;
}
export function area(size: Size): number {
  return size.width * size.height;
}
export class Widget {
  private readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  title(): string {
    return 'widget ' + this.name;
  }
}
console.log('parts run');
