export function splitMainPy(text: string): { setup: string; step: string; onError: string } {
  const found = /\nwhile (.+):\n {4}pass\n*$/.exec(text);
  if (!found) throw new Error('no loop');
  return { setup: text.slice(0, found.index + 1), step: found[1]!, onError: '' };
}
