/** What clients see of a service's tools: those that are offered and that they may use, as a list or found by a search. */
import type { Tools } from "../../bridge/tools.ts";
import type { Logger } from "../../log.ts";
import type { Lane, LaneClient, ModernEndpoint } from "../servers/contract.ts";
import type { Allow, Principal } from "../../principal.ts";
import { FilteredEndpoint, FilteredLane } from "./filtered-lane.ts";
import { OfferedTools } from "./offered-tools.ts";
import { Permissions } from "./permissions.ts";
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
  /** Who may use which tools (`Permissions`). @default everybody all */
  readonly allow?: Allow | undefined;
  /** Whether it looks at what a token opens by itself: not where every service behind it does, as behind the hub's own. @default true */
  readonly guards?: boolean;
  readonly differs?: boolean;
}

/** The tools that clients of one service see. */
export class ShownTools {
  /** Whether clients find tools only by a search. */
  readonly isSearched: boolean;
  /** Undefined when all tools are offered. */
  readonly #offered: OfferedTools | undefined;
  readonly #permissions: Permissions;
  readonly #permitted = new WeakMap<ModernEndpoint, ModernEndpoint>();
  /** What modern clients see of an endpoint. */
  readonly #searched = new WeakMap<ModernEndpoint, ModernEndpoint>();

  constructor(options: ShownToolsOptions, log: Logger) {
    const { service, tools, review, discovery } = options;
    this.#permissions = new Permissions(options, log);
    this.isSearched = discovery === "search";
    this.#offered = OfferedTools.of(service, { patterns: tools ?? [], review }, log);
  }

  /** Whether clients may call a tool of this name, if the server has it. @param principal this one @default anybody */
  offers(name: string, principal?: Principal): boolean {
    const isOffered = this.#offered?.offers(name) ?? true;
    return isOffered && (principal === undefined || this.#permissions.shows(name, principal));
  }

  /** Whether a principal may use anything of the service. */
  admits(principal: Principal): boolean {
    return this.#permissions.admits(principal);
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
    this.#permissions.checkWith(tools);
  }

  /** A session's way to the server, as its client sees it. */
  lane(lane: Lane, client: LaneClient): Lane {
    const offered = this.#offered?.lane(lane) ?? lane;
    const permitted = new FilteredLane(this.#permissions, offered, client);
    return this.isSearched && !client.showsTools ? new SearchLane(permitted) : permitted;
  }

  /** The same for modern requests. */
  endpoint(endpoint: ModernEndpoint): ModernEndpoint {
    const offered = this.#offered?.endpoint(endpoint) ?? endpoint;
    const permitted = this.#permittedOf(offered);
    if (!this.isSearched) return permitted;
    const searched = this.#searched.get(permitted) ?? new SearchEndpoint(permitted);
    this.#searched.set(permitted, searched);
    return searched;
  }

  #permittedOf(offered: ModernEndpoint): ModernEndpoint {
    const permitted = this.#permitted.get(offered) ?? new FilteredEndpoint(this.#permissions, offered);
    this.#permitted.set(offered, permitted);
    return permitted;
  }
}
