/** Which screen is shown; kept in the address after `#/`, so that the app can be hosted anywhere. */
export const SCREENS = [
  'start',
  'network',
  'firmware',
  'station',
  'mesh',
  'rehearse',
  'console',
] as const;
export type ScreenName = (typeof SCREENS)[number];

export class Router {
  #screen = $state<ScreenName>('start');
  #location: Location;

  constructor(target: Window) {
    this.#location = target.location;
    this.#read();
    target.addEventListener('hashchange', () => this.#read());
  }

  get screen(): ScreenName {
    return this.#screen;
  }
  go(screen: ScreenName): void {
    this.#location.hash = `#/${screen}`;
  }
  #read(): void {
    const wanted = this.#location.hash.replace(/^#\/?/, '');
    this.#screen = SCREENS.find((screen) => screen === wanted) ?? 'start';
  }
}
