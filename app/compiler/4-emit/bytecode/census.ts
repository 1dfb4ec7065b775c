/**
 * Who names what in the functions of a program, while functions are put into each other: how often each name is set and used, and
 * by whom where that is only one. A function that has changed is counted anew, and nobody else.
 */
import type { Draft } from './inline.ts';
import { hasName, type Instruction } from './instructions.ts';
import type { Code } from './mpy-file.ts';

const STORE_NAME = 0x16;
const STORE_GLOBAL = 0x17;
const STORE_ATTRIBUTE = 0x18;
const MAKE_FUNCTION = 0x32;

export interface Definition {
  name: string;
  /** Whose body makes the function, and where it gives it the name. */
  owner: Draft;
  one: Instruction;
  made: Draft;
}

interface Counted {
  readonly number: number;
  /** Of its file. */
  readonly module: Code;
  stores: readonly number[];
  uses: readonly number[];
  definitions: readonly Definition[];
}

export class Census {
  private readonly textOf: (name: number) => string;
  private readonly drafts: readonly Draft[];
  private readonly byCode: ReadonlyMap<Code, Draft>;
  private readonly counted: Map<Draft, Counted>;
  /** Equal for names of the same text. */
  private readonly ids = new Map<string, number>();
  private readonly idOfName: number[] = [];
  private readonly stores: number[] = [];
  private readonly uses: number[] = [];
  /** The numbers of all users, one taken with the other by exclusive or: of a single one his own. */
  private readonly users: number[] = [];

  /** @param files the functions of each file, its module first */
  constructor(files: readonly (readonly Draft[])[], textOf: (name: number) => string) {
    this.textOf = textOf;
    this.drafts = files.flat();
    this.byCode = new Map(this.drafts.map((draft) => [draft.code, draft]));
    this.counted = new Map();
    for (const drafts of files) {
      for (const draft of drafts) {
        const number = this.counted.size;
        const module = drafts[0]!.code;
        this.counted.set(draft, { number, module, stores: [], uses: [], definitions: [] });
        this.count(draft);
      }
    }
  }

  draftOf(code: Code): Draft | undefined {
    return this.byCode.get(code);
  }

  moduleOf(draft: Draft): Code {
    return this.counted.get(draft)!.module;
  }

  /** Of functions whose name is set there only, in the order of the program. */
  *definitions(): Generator<Definition> {
    for (const { definitions } of this.counted.values()) {
      for (const one of definitions) if (this.stores[this.ids.get(one.name)!] === 1) yield one;
    }
  }

  /** The function that uses the name, where nobody else does, and it does so once. */
  onlyUser(name: string): Draft | undefined {
    const id = this.ids.get(name)!;
    return this.uses[id] === 1 ? this.drafts[this.users[id]!] : undefined;
  }

  /** Where the only user does it. */
  useIn(user: Draft, name: string): Instruction {
    const id = this.ids.get(name);
    return user.list.find(
      (one) => hasName(one.code) && !isStore(one) && this.idOfName[one.operand] === id,
    )!;
  }

  /** As it is now. */
  count(draft: Draft): void {
    this.forget(draft);
    const counted = this.counted.get(draft)!;
    const stores: number[] = [];
    const uses: number[] = [];
    const definitions: Definition[] = [];
    draft.list.forEach((one, at) => {
      if (!hasName(one.code)) return;
      const id = this.idOf(one.operand);
      if (!isStore(one)) {
        uses.push(id);
        return;
      }
      stores.push(id);
      if (one.code !== STORE_NAME) return;
      const made = this.madeBy(draft, draft.list[at - 1]);
      const name = this.textOf(one.operand);
      if (made !== undefined) definitions.push({ name, owner: draft, one, made });
    });
    Object.assign(counted, { stores, uses, definitions });
    this.add(counted, 1);
  }

  /** It is no function of the program any more. */
  remove(draft: Draft): void {
    this.forget(draft);
    this.counted.delete(draft);
  }

  private forget(draft: Draft): void {
    this.add(this.counted.get(draft)!, -1);
  }

  private add({ number, stores, uses }: Counted, by: 1 | -1): void {
    for (const id of stores) this.stores[id]! += by;
    for (const id of uses) {
      this.uses[id]! += by;
      this.users[id]! ^= number;
    }
  }

  private madeBy(draft: Draft, one: Instruction | undefined): Draft | undefined {
    const child = one?.code === MAKE_FUNCTION ? draft.code.children[one.operand] : undefined;
    return child === undefined ? undefined : this.byCode.get(child);
  }

  private idOf(name: number): number {
    const known = this.idOfName[name];
    if (known !== undefined) return known;
    const text = this.textOf(name);
    const id = this.ids.get(text) ?? this.ids.size;
    this.idOfName[name] = id;
    if (id === this.ids.size) {
      this.ids.set(text, id);
      for (const counts of [this.stores, this.uses, this.users]) counts.push(0);
    }
    return id;
  }
}

const isStore = ({ code }: Instruction): boolean =>
  code === STORE_NAME || code === STORE_GLOBAL || code === STORE_ATTRIBUTE;
