/** What clients see of a service's tools: those that are offered, as a list or found by a search. */
import type { Tools } from "../../bridge/tools.ts";
import type { Logger } from "../../log.ts";
import type { Lane, LaneClient, ModernEndpoint } from "../servers/contract.ts";
import { OfferedTools } from "./offered-tools.ts";
import type { Review } from "./reviewed-tools.ts";
import { SearchEndpoint, SearchLane } from "./search/tool-search.ts";

export interface ShownToolsOptions {
  readonly service: string;
  /** Patterns for the tools that are offered (`ToolPatterns`). @default all are */
  readonly tools?: readonly string[];
  /** The tools that were reviewed. @default - none were */
  readonly review?: Review | undefined;
  /** How its tools are shown. @default "all" */
  readonly discovery?: "all" | "search";
}

/** The tools that clients of one service see. */
export class ShownTools {
  /** Whether clients find tools only by a search. */
  readonly isSearched: boolean;
  /** Undefined when all tools are offered. */
  readonly #offered: OfferedTools | undefined;
  /** What modern clients see of an endpoint. */
  readonly #searched = new WeakMap<ModernEndpoint, ModernEndpoint>();

  constructor({ service, tools, review, discovery }: ShownToolsOptions, log: Logger) {
    this.isSearched = discovery === "search";
    this.#offered = OfferedTools.of(service, { patterns: tools ?? [], review }, log);
  }

  /** Whether clients may call a tool of this name, if the server has it. */
  offers(name: string): boolean {
    return this.#offered?.offers(name) ?? true;
  }

  /** How many of a server's tools are offered; undefined before it has listed them. */
  countIn(tools: Tools): number | undefined {
    return this.#offered ? this.#offered.countIn(tools) : tools.count;
  }

  /** The tools of the server that are not as they were reviewed, in words. */
  get unreviewed(): readonly string[] {
    return this.#offered?.unreviewed ?? [];
  }

  /** Compares what the server has listed with the patterns and the review. */
  checkWith(tools: Tools): void {
    this.#offered?.checkWith(tools);
  }

  /** A session's way to the server, as its client sees it. */
  lane(lane: Lane, { showsTools }: LaneClient): Lane {
    const offered = this.#offered?.lane(lane) ?? lane;
    return this.isSearched && !showsTools ? new SearchLane(offered) : offered;
  }

  /** The same for modern requests. */
  endpoint(endpoint: ModernEndpoint): ModernEndpoint {
    const offered = this.#offered?.endpoint(endpoint) ?? endpoint;
    if (!this.isSearched) return offered;
    const searched = this.#searched.get(offered) ?? new SearchEndpoint(offered);
    this.#searched.set(offered, searched);
    return searched;
  }
}
