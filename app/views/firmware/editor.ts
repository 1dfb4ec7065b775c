/**
 * CodeMirror as this screen uses it. It lives in a shadow root: there it makes its styles as constructed sheets, which the
 * page's policy (no inline styles) allows. Each file keeps its own undo history while the screen is open.
 */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { python } from '@codemirror/lang-python';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import {
  Compartment,
  EditorState,
  type Extension,
  StateEffect,
  StateField,
} from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import type { CodeProblem, Suggestion } from '../shared/firmware-ports.ts';
import { rangeOf } from './code-places.ts';
import { editorTheme } from './editor-theme.ts';

export interface EditorEvents {
  /** A key changed the text of the file that is shown. */
  changed(path: string, text: string): void;
  /** The cursor is on another line (1-based). */
  onLine(line: number): void;
  suggest(path: string, at: number): Promise<readonly Suggestion[]>;
}

/** Lines (1-based) that stand for what is looked at in the other language. */
const markLines = StateEffect.define<readonly number[]>();
const twin = Decoration.line({ class: 'cm-twin' });

const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, { changes, effects, state }) {
    let next = lines.map(changes);
    for (const effect of effects) {
      if (!effect.is(markLines)) continue;
      const known = effect.value.filter((line) => line >= 1 && line <= state.doc.lines);
      next = Decoration.set(known.map((line) => twin.range(state.doc.line(line).from)));
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const isDark = new Compartment();
const dark = (on: boolean): Extension => EditorView.darkTheme.of(on);

const lineAt = (state: EditorState): number => state.doc.lineAt(state.selection.main.head).number;

function show(host: HTMLElement, state: EditorState): EditorView {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  root.replaceChildren();
  return new EditorView({ state, parent: root, root });
}

/** TypeScript that is written here. */
export class CodeEditor {
  readonly #view: EditorView;
  readonly #events: EditorEvents;
  readonly #states = new Map<string, EditorState>();
  #path = '';
  #isDark: boolean;

  constructor(host: HTMLElement, events: EditorEvents, on: { dark: boolean }) {
    this.#events = events;
    this.#isDark = on.dark;
    this.#view = show(host, EditorState.create());
  }

  /** Shows a file; a text that came from elsewhere (another tab, undone deletion) takes the place of the one held here. */
  open(path: string, text: string): void {
    if (this.#path === path) {
      if (this.#view.state.doc.toString() !== text) {
        this.#view.dispatch({
          changes: { from: 0, to: this.#view.state.doc.length, insert: text },
        });
      }
      return;
    }
    if (this.#path !== '') this.#states.set(this.#path, this.#view.state);
    this.#path = path;
    const held = this.#states.get(path);
    const state = held?.doc.toString() === text ? held : this.#stateOf(path, text);
    this.#view.setState(state);
    this.#view.dispatch({ effects: isDark.reconfigure(dark(this.#isDark)) });
    this.#events.onLine(lineAt(this.#view.state));
  }

  setFaults(faults: readonly CodeProblem[]): void {
    const text = this.#view.state.doc.toString();
    const found = faults.map((fault) => ({
      ...rangeOf(text, fault.line, fault.column),
      severity: 'error' as const,
      message: `${fault.code}: ${fault.message} ${fault.remedy}`,
      renderMessage: () => wordsOf(fault),
    }));
    this.#view.dispatch(setDiagnostics(this.#view.state, found));
  }

  goTo(line: number, column: number): void {
    const { from } = rangeOf(this.#view.state.doc.toString(), line, column);
    this.#view.dispatch({
      selection: { anchor: from },
      effects: EditorView.scrollIntoView(from, { y: 'center' }),
    });
    this.#view.focus();
  }

  mark(lines: readonly number[]): void {
    this.#view.dispatch({ effects: markLines.of(lines) });
  }

  setDark(on: boolean): void {
    this.#isDark = on;
    this.#view.dispatch({ effects: isDark.reconfigure(dark(on)) });
  }

  close(): void {
    this.#view.destroy();
  }

  #stateOf(path: string, text: string): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        indentOnInput(),
        indentUnit.of('  '),
        EditorState.tabSize.of(2),
        bracketMatching(),
        closeBrackets(),
        search({ top: true }),
        javascript({ typescript: true }),
        autocompletion({ override: [(context) => this.#complete(path, context)], icons: false }),
        marked,
        isDark.of(dark(this.#isDark)),
        editorTheme,
        // Tab indents; Escape then Tab, or Ctrl-M first, leaves the editor: both are CodeMirror's own.
        keymap.of([
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...completionKeymap,
          ...lintKeymap,
          indentWithTab,
        ]),
        EditorView.contentAttributes.of({
          'aria-label': `TypeScript of ${path}. Tab indents; Escape and then Tab leaves the editor.`,
          spellcheck: 'false',
          autocapitalize: 'off',
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) this.#events.changed(path, update.state.doc.toString());
          const line = lineAt(update.state);
          if (line !== lineAt(update.startState)) this.#events.onLine(line);
        }),
      ],
    });
  }

  async #complete(path: string, context: CompletionContext): Promise<CompletionResult | null> {
    const word = context.matchBefore(/[\w$]*/);
    const from = word?.from ?? context.pos;
    const afterDot = context.state.sliceDoc(from - 1, from) === '.';
    if (!context.explicit && !afterDot && from === context.pos) return null;
    try {
      const found = await this.#events.suggest(path, context.pos);
      return {
        from,
        options: found.map(({ label, kind }) => ({ label, type: kind, detail: kind })),
        validFor: /^[\w$]*$/,
      };
    } catch {
      // Names to choose from are a help; writing goes on without them.
      return null;
    }
  }
}

function wordsOf({ code, message, remedy }: CodeProblem): HTMLElement {
  const box = document.createElement('div');
  for (const text of [`${message} (${code})`, remedy]) {
    const line = document.createElement('p');
    line.textContent = text;
    box.append(line);
  }
  return box;
}

export interface Reading {
  readonly path: string;
  readonly text: string;
  /** Number of the first line. */
  readonly fromLine: number;
}

/** Python that is read here. */
export class CodeReader {
  readonly #view: EditorView;
  readonly #onLine: (line: number) => void;
  #shown: Reading | null = null;
  #isDark: boolean;

  constructor(host: HTMLElement, onLine: (line: number) => void, on: { dark: boolean }) {
    this.#onLine = onLine;
    this.#isDark = on.dark;
    this.#view = show(host, EditorState.create());
  }

  open(reading: Reading): void {
    const shown = this.#shown;
    if (shown?.path === reading.path && shown.text === reading.text) return;
    const top = shown?.path === reading.path ? this.#view.scrollDOM.scrollTop : 0;
    this.#shown = reading;
    this.#view.setState(this.#stateOf(reading));
    this.#view.scrollDOM.scrollTop = top;
  }

  /** Lines (1-based) to show and to mark. */
  mark(lines: readonly number[]): void {
    const first = Math.min(lines[0] ?? 0, this.#view.state.doc.lines);
    const at = first > 0 ? this.#view.state.doc.line(first).from : null;
    this.#view.dispatch({
      effects: [
        markLines.of(lines),
        ...(at === null ? [] : [EditorView.scrollIntoView(at, { y: 'nearest', yMargin: 60 })]),
      ],
    });
  }

  setDark(on: boolean): void {
    this.#isDark = on;
    this.#view.dispatch({ effects: isDark.reconfigure(dark(on)) });
  }

  close(): void {
    this.#view.destroy();
  }

  #stateOf({ path, text, fromLine }: Reading): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        lineNumbers({ formatNumber: (line) => String(line + fromLine - 1) }),
        highlightSelectionMatches(),
        python(),
        marked,
        isDark.of(dark(this.#isDark)),
        editorTheme,
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        keymap.of([...defaultKeymap, ...searchKeymap]),
        EditorView.contentAttributes.of({
          tabindex: '0',
          'aria-readonly': 'true',
          'aria-label': `Python made of ${path}`,
        }),
        EditorView.domEventHandlers({
          click: (event, view) => {
            const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
            if (at !== null) this.#onLine(view.state.doc.lineAt(at).number);
          },
        }),
      ],
    });
  }
}
