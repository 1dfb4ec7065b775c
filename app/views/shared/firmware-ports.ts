/** What the Firmware screen needs from the parts below it: the compiler, and a place for the person's choice. */
import type { BuildReport, OnStage } from './ports.ts';

/** A person's own program for the boards: text by path; its entry is `main.ts`. */
export type ApplicationFiles = Readonly<Record<string, string>>;
/** Where they lie beside the firmware's own files in a build. */
export const APPLICATION_FOLDER = 'application/';

export type FeatureValue = boolean | number | string;

/** What boards are given. */
export interface FirmwareChoice {
  readonly profile: string;
  /** Switches that differ from the profile's. */
  readonly features: Readonly<Record<string, FeatureValue>>;
  /** Null: the firmware alone. */
  readonly application: ApplicationFiles | null;
}

export interface FeatureOffer {
  readonly name: string;
  /** What it does, in the words of its declaration. */
  readonly help: string;
  readonly value: FeatureValue;
}

export interface ProfileOffer {
  readonly name: string;
  readonly help: string;
  /** What it sets otherwise than the features' own values. */
  readonly features: Readonly<Record<string, FeatureValue>>;
}

export interface ApplicationTemplate {
  readonly name: string;
  readonly help: string;
  readonly files: ApplicationFiles;
}

export interface FirmwareOffers {
  readonly profiles: readonly ProfileOffer[];
  readonly features: readonly FeatureOffer[];
  readonly templates: readonly ApplicationTemplate[];
}

/** A reason why the firmware does not compile. */
export interface CodeProblem {
  readonly code: string;
  /** A path of the application, or of the firmware itself. */
  readonly file: string;
  readonly ofApplication: boolean;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

/** The Python of one module, and where its lines came from. */
export interface CodeModule {
  readonly name: string;
  readonly py: string;
  /** lineMap[python line - 1] is the TypeScript line (1-based), 0 for none. */
  readonly lineMap: readonly number[];
  /** Which TypeScript file the Python lines from `fromLine` (1-based) on came from; '' for none. */
  readonly parts: readonly { readonly fromLine: number; readonly path: string }[];
  /** What its bytecode calls functions, classes and members -> the name that the Python has. */
  readonly shortNames: Readonly<Record<string, string>>;
  /** What the line numbers in a traceback mean, by function; without it they are lines of `py`. */
  readonly traces?: Readonly<Record<string, readonly (number | readonly (number | string)[])[]>>;
}

export interface FirmwareReport extends BuildReport {
  readonly code: readonly CodeModule[];
  /** The part of `sources` that the application is, in bytes. */
  readonly applicationBytes: number;
}

export type FirmwareResult =
  | { readonly ok: true; readonly report: FirmwareReport }
  | { readonly ok: false; readonly problems: readonly CodeProblem[]; readonly tookMs: number };

export interface Suggestion {
  readonly label: string;
  /** As editors name kinds: function, class, variable, property, keyword, … */
  readonly kind: string;
}

/** Heap that a file's code takes on a board once it is loaded. */
export interface HeapCost {
  readonly path: string;
  readonly heapBytes: number;
}

/** What a switch costs: the build with it less the build without it. */
export interface FeatureCost {
  readonly flashBytes: number;
  /** Null where it was not measured. */
  readonly heapBytes: number | null;
}

/** Stored choice of this browser; another tab may have changed it since. */
export interface KeptChoice {
  readonly choice: FirmwareChoice;
  /** Counts up with each change, whichever tab made it. */
  readonly revision: number;
}

export interface ChoiceStore {
  load(): Promise<KeptChoice>;
  /**
   * Resolves with the new revision once it is stored.
   * @param revision the one this change began with. @throws an error with code `changed-meanwhile` when another tab was faster
   */
  keep(choice: FirmwareChoice, revision: number): Promise<number>;
  /** Calls when another tab has kept something; returns the way to stop. */
  watch(changed: () => void): () => void;
}

export type MeasureHeap = (
  choice: FirmwareChoice,
  onStage: OnStage,
  signal: AbortSignal,
) => Promise<readonly HeapCost[]>;

export interface FirmwareWorks {
  offers(): Promise<FirmwareOffers>;
  /** Compiles in the compiler's worker; what the last build knew is used again. An abort ends that worker. */
  build(choice: FirmwareChoice, onStage: OnStage, signal?: AbortSignal): Promise<FirmwareResult>;
  /** What a person may write at this place (UTF-16 offset) of a file of the application. */
  suggest(choice: FirmwareChoice, path: string, at: number): Promise<readonly Suggestion[]>;
  /** Loads the build into a MicroPython in this browser, file by file; null where nothing can measure it. */
  readonly measureHeap: MeasureHeap | null;
  /** Names TypeScript files and lines in what a board printed. Null when this page has not built that firmware. */
  translate(text: string, firmwareId: string): string | null;
}
