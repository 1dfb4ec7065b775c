import { describe, expect, it } from 'vitest';
import { suggestions } from './1-read/suggestions.ts';

const library = `/** A lamp. */
export class Lamp {
  private secret: number = 1;
  isOn: boolean = false;
  toggle(): void {
    this.isOn = !this.isOn;
  }
}
`;
/** `|` marks the place. */
function at(text: string): string[] {
  const place = text.indexOf('|');
  const files = { 'lamp.ts': library, 'main.ts': text.replace('|', '') };
  return suggestions(files, 'main.ts', place).map(({ label }) => label);
}

describe('suggestions', () => {
  it('are the members of a class of another file, without its private ones', () => {
    const found = at("import { Lamp } from './lamp.ts';\nnew Lamp().|");
    expect(found).toEqual(['isOn', 'toggle']);
  });
  it('follow the text as it changes, and name local variables', () => {
    expect(at('const voltage = 3;\nvol|')).toContain('voltage');
    expect(at('const current = 3;\ncur|')).not.toContain('voltage');
  });
  it('offer what the subset has, and not what browsers have', () => {
    const found = at('const a = [1];\na.|');
    expect(found).toContain('push');
    expect(at('|')).not.toContain('window');
  });
  it('are none in a file that is not there, and none after its end', () => {
    expect(suggestions({}, 'main.ts', 0)).toEqual([]);
    expect(suggestions({ 'main.ts': 'x' }, 'main.ts', 99)).toEqual([]);
  });
  it.each(['class {', 'import { | } from', '`${', '((((', '\0'])(
    'survive a text such as %j',
    (text) => {
      expect(Array.isArray(at(`${text}|`))).toBe(true);
    },
  );
});
