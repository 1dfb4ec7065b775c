/** How hard a passphrase is to guess, roughly and without a dictionary; and words to make one. */

export const SHORTEST_PASSPHRASE = 8;

export interface Strength {
  /** 0 refused, 1 weak, 2 fair, 3 strong. */
  readonly level: 0 | 1 | 2 | 3;
  readonly text: string;
}

export function strengthOf(passphrase: string): Strength {
  const letters = [...passphrase];
  if (letters.length < SHORTEST_PASSPHRASE) {
    return {
      level: 0,
      text: `At least ${SHORTEST_PASSPHRASE} characters; four random words are better.`,
    };
  }
  const bits = new Set(letters).size < 4 ? 0 : estimateBits(passphrase, letters);
  if (bits < 40) return { level: 1, text: 'Weak: a stolen laptop could try them all. Add a word.' };
  if (bits < 60) return { level: 2, text: 'Fair. One more word makes it strong.' };
  return { level: 3, text: 'Strong.' };
}

/** Words count 11 bits each, other characters by their class; runs of equal characters count once. */
function estimateBits(passphrase: string, letters: readonly string[]): number {
  const words = passphrase.toLowerCase().match(/\p{L}{3,}/gu) ?? [];
  const distinct = letters.filter((letter, at) => letter !== letters[at - 1]).length;
  const classes = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((set) => set.test(passphrase));
  const byLetters = distinct * (1.2 + 0.9 * classes.length);
  return words.length >= 3 ? Math.max(new Set(words).size * 11 + 6, byLetters * 0.6) : byLetters;
}

const WORDS =
  'amber anchor apple arrow autumn badge bamboo basin beacon birch bishop bottle branch bridge bronze bucket butter cactus camel canal candle canvas carbon carpet castle cedar cello chalk cherry circus clover cobalt comet copper coral cotton cradle crane crystal dagger daisy delta desert diesel dragon eagle echo ember engine fabric falcon feather fennel fiddle flint forest fossil galaxy garden garlic ginger glacier goblet granite gravel hammer harbor hazel helmet heron hollow honey icicle indigo island ivory jacket jasmine jungle kettle kiosk ladder lagoon lantern lemon lilac linen lizard lumber magnet mango maple marble meadow melon mirror mitten monsoon mortar mosaic muffin nectar needle nickel nutmeg oasis ocean olive onion orchid otter oyster paddle panther pepper pigeon pillow pine planet plum pocket pollen poppy prairie puzzle quartz quiver rabbit radish raven ribbon river rocket saddle saffron salmon sandal satin scarf shadow shovel silver sparrow spiral spruce stable summit sunset tablet temple thimble thunder timber tinsel tomato trumpet tulip tundra turnip umber valley velvet violet walnut walrus willow window winter yarrow zebra zephyr zinc'.split(
    ' ',
  );

/** Six random words: about 45 bits by themselves, and the vault's slow key derivation adds to that. */
export function suggestPassphrase(random: (bytes: Uint16Array<ArrayBuffer>) => void): string {
  const draws = new Uint16Array(6);
  random(draws);
  return [...draws].map((draw) => WORDS[draw % WORDS.length]).join(' ');
}
