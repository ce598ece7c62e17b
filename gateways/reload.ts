/** Takes changes of the files that configure a gateway while it runs, and tells what they change. */
import { isAbsolute, relative } from "node:path";
import { ConfigError, type GatewayConfig } from "./config.ts";
import { liveConfig } from "./config/changes.ts";
import { FileWatch } from "./file-watch.ts";
import type { Gateway, Reloaded } from "./gateway.ts";
import type { ChangeWatcher } from "./live-services.ts";
import type { Logger } from "./log.ts";
import { changeLines, keptLine, refusedLines } from "./screen.ts";

/** What reloading needs. */
export interface Reloading {
  readonly gateway: Gateway;
  /** The one that was read last, with the files that it was read from. */
  readonly config: GatewayConfig;
  /** Reads it again. @throws ConfigError */
  readonly read: () => GatewayConfig;
  /** What the services would be open to beside what the gateway keeps. @throws ConfigError */
  readonly check: (config: GatewayConfig) => void;
  readonly watcher: ChangeWatcher;
  readonly tell: (line: string) => void;
  readonly log: Logger;
}

/** Watches the files of one gateway. */
export class Reload {
  readonly #parts: Reloading;
  readonly #path: string;
  readonly #watch: FileWatch;
  #warnings: readonly string[];

  /** @param path the main file, for what is told */
  constructor(path: string, parts: Reloading) {
    this.#path = path;
    this.#parts = parts;
    this.#warnings = parts.config.warnings;
    this.#watch = new FileWatch(parts.config.files ?? [path], () => this.take(false));
  }

  /** Reads the files and takes what differs. Whoever asks for it is told also that nothing does. */
  take(isAsked = true): void {
    const { gateway, log, tell, watcher } = this.#parts;
    if (gateway.stopping || gateway.port === 0) return;
    this.#watch.read();
    try {
      const asked = this.#parts.read();
      this.#parts.check(liveConfig(gateway.config, asked));
      const reloaded = gateway.reload(asked, {
        ...watcher,
        kept: (name, reason) => {
          log.error({ service: name, reason }, "service not replaced");
          tell(keptLine(name, reason));
        },
      });
      this.#watch.read(asked.files);
      this.#warn(asked.warnings);
      this.#tell(reloaded, isAsked);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.error({ why: error.message }, "configuration not reloaded");
      for (const line of refusedLines(this.#name, error.message)) tell(line);
    }
  }

  get #name(): string {
    return isAbsolute(this.#path) ? relative("", this.#path) : this.#path;
  }

  #warn(warnings: readonly string[]): void {
    for (const warning of warnings) if (!this.#warnings.includes(warning)) this.#parts.log.warn(warning);
    this.#warnings = warnings;
  }

  #tell(reloaded: Reloaded, isAsked: boolean): void {
    const { added, changed, gone, waiting } = reloaded;
    const names = { added: added.map(({ name }) => name), changed: changed.map(({ config }) => config.name), gone };
    const isNothing = [added, changed, gone, waiting].every(({ length }) => length === 0);
    if (isNothing && !isAsked) return;
    this.#parts.log.info({ ...names, waiting }, isNothing ? "nothing has changed" : "configuration reloaded");
    for (const line of changeLines(this.#name, reloaded)) this.#parts.tell(line);
  }
}
