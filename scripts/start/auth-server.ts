/** The authorization server that `npm start` runs beside the gateway: started, started again when it has died, ended with it. */
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "../../stacks/shipped.ts";
import { GatewayProcess } from "../kit/gateway-process.ts";
import { readable } from "./gateway.ts";

/** How it is started. */
export interface AuthServerOptions {
  /** The path of its program. */
  readonly main: string;
  readonly issuer: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The file that its log is appended to. */
  readonly log: string;
}

/** Milliseconds that it has to answer, and to end. */
const PATIENCE = 60_000;
const GRACE = 5_000;

/** Milliseconds before it is started again: twice as many each time, unless it has run for long. */
const PAUSE = { first: 200, longest: 10_000 } as const;
const LONG = 60_000;

export class AuthServer {
  readonly #options: AuthServerOptions;
  readonly #stopped = new AbortController();
  #process: GatewayProcess;
  #ended: Promise<void>;

  private constructor(options: AuthServerOptions) {
    this.#options = options;
    this.#process = this.#spawn();
    this.#ended = this.#keepRunning();
  }

  /** @throws Error with the last lines of its log, when it does not come up at first */
  static async start(options: AuthServerOptions, signal: AbortSignal): Promise<AuthServer> {
    const server = new AuthServer(options);
    const first = server.#process;
    const isUp = await first.whenReady(async () => signal.aborted || (await answers(options.issuer)), PATIENCE);
    if (isUp) return server;
    await server.stop();
    throw new Error(`the authorization server has not started: ${first.lastLines.slice(-3).map(readable).join("\n")}`);
  }

  /** Ends it, for good. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#process.stop(GRACE);
    await this.#ended;
  }

  #spawn(): GatewayProcess {
    const { main, env, log } = this.#options;
    const withParent = ["--import", pathToFileURL(program("scripts/start/with-parent")).href];
    return new GatewayProcess([...withParent, main, "serve"], {
      nodeFlags: ["--disable-warning=ExperimentalWarning"],
      env,
      variablesByPipe: true,
      log: { file: log, append: true, withStdout: true },
      ownGroup: true,
    });
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopped;
    let pause: number = PAUSE.first;
    for (;;) {
      const since = performance.now();
      await this.#process.ended;
      if (signal.aborted) return;
      if (performance.now() - since > LONG) pause = PAUSE.first;
      await sleep(pause, undefined, { signal }).catch(() => {}); // it is stopped meanwhile
      if (signal.aborted) return;
      pause = Math.min(2 * pause, PAUSE.longest);
      this.#process = this.#spawn();
    }
  }
}

const answers = (issuer: string): Promise<boolean> =>
  fetch(`${issuer}/health`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
