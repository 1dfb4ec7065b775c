import { expect, it } from 'vitest';
import { freeColour, zoneColour, zoneIndex } from './zone-colour.ts';

it('keeps the colour the fleet gave a zone', () => {
  expect(zoneIndex('hall', [{ name: 'hall', colour: 5 }])).toBe(5);
});
it('gives an unknown zone the same colour every time', () => {
  expect(zoneIndex('attic', [])).toBe(zoneIndex('attic', [{ name: 'hall', colour: 0 }]));
});
it('wraps indices into the palette', () => {
  expect(zoneColour(9)).toBe('var(--zone-1)');
  expect(zoneColour(-1)).toBe('var(--zone-7)');
});
it('hands out unused colours first', () => {
  expect(freeColour([{ colour: 0 }, { colour: 2 }])).toBe(1);
});
