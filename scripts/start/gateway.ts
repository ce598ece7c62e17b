/** The gateway as a child process: starts it, notices its end, stops it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Stopping } from "./stop.ts";

/** What it is started with. */
export interface GatewayOptions {
  readonly project: string;
  readonly config: string;
  /** Where its log lines go; what was there before is gone. */
  readonly log: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stopping: Stopping;
}

/** A gateway that runs. */
export class Gateway {
  readonly #child: ChildProcess;
  readonly #log: string;
  /** Resolves when it is gone: because we stopped it, or by itself. */
  readonly gone: Promise<"stopped" | "died">;

  constructor({ project, config, log, env, stopping }: GatewayOptions) {
    this.#log = log;
    const output = openSync(log, "w", 0o600);
    this.#child = spawn(process.execPath, [join(project, "gateways", "main.ts"), "--config", config], {
      cwd: project,
      env,
      stdio: ["ignore", "ignore", output],
      windowsHide: true,
      // A process group of its own: Ctrl-C in the terminal reaches us alone, and we tell it once.
      detached: process.platform !== "win32",
    });
    closeSync(output);
    this.gone = new Promise((resolve) => {
      const end = () => resolve(stopping.first.aborted ? "stopped" : "died");
      this.#child.once("exit", end).once("error", end);
    });
    // The first time it finishes what it is doing; the second time it ends its servers and itself at once.
    stopping.first.addEventListener("abort", () => this.stop());
    stopping.second.addEventListener("abort", () => {
      this.stop();
      setTimeout(() => this.#child.kill("SIGKILL"), 2_000).unref();
    });
  }

  /** Asks it to end. Whether that was wanted, the signals tell. */
  stop(): void {
    this.#child.kill("SIGTERM");
  }

  /** Its last words, for whoever has to know why it went. */
  lastWords(count: number): string {
    const lines = readFileSync(this.#log, "utf8").trimEnd().split("\n");
    return lines.slice(-count).map(readable).join("\n");
  }
}

/** A log line without its JSON; anything else as it is. */
export function readable(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter(Boolean).join(": ") || line;
  } catch {
    return line.replace(/^gangway: /, "");
  }
}
