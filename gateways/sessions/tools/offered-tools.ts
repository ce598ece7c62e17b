/**
 * Hides the tools that a service does not offer: they are not listed, and a call of one is refused before a server has it.
 * Lists that pass are compared with the tools that were reviewed; with `pinTools`, those that differ are not offered either.
 * It stands where sessions and modern requests reach the service, so what kind of server answers does not matter.
 */
import type { Tools } from "../../bridge/tools.ts";
import { GatewayError } from "../../errors.ts";
import { stringIn, type Message } from "../../jsonrpc.ts";
import type { Logger } from "../../log.ts";
import { told } from "../../secrets.ts";
import type { Lane, ModernEndpoint } from "../servers/contract.ts";
import { filteredList } from "./filtered-list.ts";
import { FilteredEndpoint, FilteredLane, type ToolFilter } from "./filtered-lane.ts";
import type { Filter } from "./lister.ts";
import { ReviewedTools, type Review } from "./reviewed-tools.ts";
import { ToolPatterns } from "../../tool-patterns.ts";

/** How many characters of the names of a server's tools are told. */
const LONGEST_LIST = 500;

/** The tools that one service offers. */
export class OfferedTools implements ToolFilter {
  readonly #service: string;
  readonly #patterns: ToolPatterns;
  readonly #reviewed: ReviewedTools | undefined;
  readonly #log: Logger;
  readonly #endpoints = new WeakMap<ModernEndpoint, ModernEndpoint>();
  /** What a server has listed, once it is checked. */
  readonly #checked = new WeakSet<Tools>();
  #isMatched = false;

  constructor(service: string, patterns: ToolPatterns, log: Logger, reviewed?: ReviewedTools) {
    this.#service = service;
    this.#patterns = patterns;
    this.#log = log;
    this.#reviewed = reviewed;
  }

  /** @returns undefined when that is all of them, so that nothing need be looked at */
  static of(
    service: string,
    { patterns: written, review }: { readonly patterns: readonly string[]; readonly review?: Review | undefined },
    log: Logger,
  ): OfferedTools | undefined {
    const patterns = new ToolPatterns(written);
    if (patterns.offersAll && !review) return undefined;
    return new OfferedTools(service, patterns, log, review && new ReviewedTools(service, review, log));
  }

  offers(name: string): boolean {
    const isOffered = this.#patterns.offersAll || this.#patterns.offers(name);
    return isOffered && (this.#reviewed?.offers(name) ?? true);
  }

  /** Whether a tool is offered whatever its name: lists are compared with the review, and nothing is hidden. */
  get #offersAll(): boolean {
    return this.#patterns.offersAll && !(this.#reviewed?.pins ?? false);
  }

  /** The tools of the server that are not as they were reviewed, in words. */
  get unreviewed(): readonly string[] {
    return this.#reviewed?.unreviewed ?? [];
  }

  /** How many of a server's tools are offered; undefined before it has listed them. */
  countIn({ names }: Tools): number | undefined {
    return names?.filter((name) => this.offers(name)).length;
  }

  /** When a list is known, warns of patterns that match no tool, once, and of tools that are not as they were reviewed. */
  checkWith(tools: Tools): void {
    if (this.#checked.has(tools)) return;
    this.#checked.add(tools);
    tools.whenListed((listed) => {
      this.#match(listed.map(({ name }) => name));
      this.#reviewed?.compare(listed);
    });
  }

  /** A session's way to the server, past the tools that are not offered. */
  lane(lane: Lane): Lane {
    return new FilteredLane(this, lane);
  }

  /** The same for modern requests. */
  endpoint(endpoint: ModernEndpoint): ModernEndpoint {
    const known = this.#endpoints.get(endpoint) ?? new FilteredEndpoint(this, endpoint);
    this.#endpoints.set(endpoint, known);
    return known;
  }

  /**
   * Why a message is not passed on; undefined when it is. It depends on the name alone, so it tells nobody whether the server
   * has such a tool.
   */
  refusalOf({ method, text, params }: Message): GatewayError | undefined {
    if (method !== "tools/call" || this.#offersAll) return undefined;
    const tool = stringIn(text, params, "name");
    if (tool === undefined) return new GatewayError("invalid-params", { detail: '"name" must be a string' });
    return this.offers(tool) ? undefined : new GatewayError("tool-not-offered", { tool });
  }

  /** What a list of tools passes. */
  filterOf({ method }: Message): Filter | undefined {
    return method === "tools/list" ? (answer) => this.#withoutHidden(answer) : undefined;
  }

  /** An answer to `tools/list` without the tools that are not offered; those that are stay as they were written. @throws GatewayError `bad-answer` */
  #withoutHidden(answer: string): string {
    return filteredList(answer, "tools", {
      service: this.#service,
      read: (tools) => this.#reviewed?.compareWritten(tools),
      keeps: (name) => this.offers(name),
    });
  }

  #match(names: readonly string[]): void {
    if (this.#isMatched) return;
    this.#isMatched = true;
    for (const pattern of this.#patterns.unmatchedBy(names))
      this.#log.warn({ service: this.#service }, unmatched(pattern, names));
  }
}

function unmatched(pattern: string, names: readonly string[]): string {
  const effect = pattern.startsWith("!") ? "hides" : "offers";
  const has = told(names.join(", ") || "no tools", { limit: LONGEST_LIST });
  return `no tool is called like ${pattern}, so that pattern ${effect} nothing. The server has ${has}.`;
}
