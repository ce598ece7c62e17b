/** What one principal may use of one service. */
import type { Allow, Principal } from "../../principal.ts";
import type { Kind } from "../../tool-patterns.ts";
import { Grant } from "./grant.ts";

/** What all the rules together leave of a service. */
export class Access {
  /** Each must open what is used: the token, and one of those that `allow` has for the principal. */
  readonly #rules: readonly (readonly Grant[])[];
  readonly #scope: Grant | undefined;
  readonly #expires: number;

  /** @param allow undefined = everybody may use everything */
  constructor(principal: Principal, allow: Allow | undefined) {
    const { tools, scopedTools, expires = Infinity } = principal;
    const granted = allow && !principal.isOperator ? [grantsOf(principal, allow)] : [];
    const opened = tools ? [[new Grant(tools)]] : [];
    this.#rules = [...granted, ...opened].filter((rule) => !rule.some(({ opensAll }) => opensAll));
    const scope = scopedTools ? new Grant(scopedTools) : undefined;
    this.#scope = scope?.opensAll ? undefined : scope;
    this.#expires = expires;
  }

  /** Whether nothing need be looked at. */
  get opensAll(): boolean {
    return this.#rules.length === 0 && this.#scope === undefined;
  }

  /** Whether there is nothing that it may use. */
  get isEmpty(): boolean {
    return this.#rules.some((rule) => rule.every(({ isEmpty }) => isEmpty));
  }

  get hasExpired(): boolean {
    return this.#expires !== Infinity && Date.now() >= this.#expires;
  }

  /** Whether a tool is listed. */
  shows(tool: string): boolean {
    return this.#rules.every((rule) => rule.some((grant) => grant.opens(tool)));
  }

  showsKind(kind: Kind): boolean {
    return this.#rules.every((rule) => rule.some((grant) => grant.opensKind(kind)));
  }

  /** Whether a tool that is listed is also opened by the scopes of the token. */
  isInScope(tool: string): boolean {
    return this.#scope?.opens(tool) ?? true;
  }

  isKindInScope(kind: Kind): boolean {
    return this.#scope?.opensKind(kind) ?? true;
  }
}

/** Whoever is named several times may use what any of these opens. */
function grantsOf({ id, name = id, teams = [] }: Principal, allow: Allow): readonly Grant[] {
  const names = new Set([name, ...teams, "*"].map(comparable));
  return Object.entries(allow).flatMap(([whom, patterns]) =>
    names.has(comparable(whom)) ? [new Grant(patterns)] : [],
  );
}

/** People write addresses in capitals and small letters, and mean the same. */
const comparable = (name: string) => name.replaceAll(IMITATION, hidden).normalize("NFC").toLowerCase();

/** What Unicode takes for a letter or mark of ASCII, as the Kelvin sign for `k`: whoever has it in their name is somebody else. */
const IMITATION = /[^\0-\x7f]/gu;

const hidden = (character: string) =>
  /[\0-\x7f]/.test(character.normalize("NFC").toLowerCase()) ? `\0${character.codePointAt(0)}` : character;
