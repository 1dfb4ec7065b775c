/** Light, dark, or as the system says; the choice is kept in this browser. */
export const THEME_CHOICES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

const KEY = 'meshwright.theme';

export class Theme {
  #choice = $state<ThemeChoice>('system');
  #systemDark = $state(false);
  readonly shown = $derived(
    this.#choice === 'system' ? (this.#systemDark ? 'dark' : 'light') : this.#choice,
  );
  #storage: Storage | null;

  constructor(storage: Storage | null, prefersDark: MediaQueryList) {
    this.#storage = storage;
    const kept = storage?.getItem(KEY);
    this.#choice = THEME_CHOICES.find((choice) => choice === kept) ?? 'system';
    this.#systemDark = prefersDark.matches;
    prefersDark.addEventListener('change', (event) => {
      this.#systemDark = event.matches;
    });
  }

  get choice(): ThemeChoice {
    return this.#choice;
  }
  choose(choice: ThemeChoice): void {
    this.#choice = choice;
    this.#storage?.setItem(KEY, choice);
  }
}
