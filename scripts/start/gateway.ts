/** The gateway that `npm start` runs: it ends when we are asked to, and its log tells why it ended by itself. */
import { rmSync, writeFileSync } from "node:fs";
import { recordIn } from "../../gateways/log-line.ts";
import { GatewayProcess } from "../kit/gateway-process.ts";
import { program } from "../../stacks/shipped.ts";
import type { Stopping } from "./stop.ts";

/** What it is started with. */
export interface StartOptions {
  readonly config: string;
  /** The file that its log is appended to. */
  readonly log: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stopping: Stopping;
  /** Is called with each line that it writes for people. */
  readonly onOutput: (line: string) => void;
}

/** Starts it. The first request to stop lets it finish its calls, the second ends it and its servers at once. */
export function startGateway({ config, log, env, stopping, onOutput }: StartOptions): GatewayProcess {
  const command = [program("gateways/main"), "--config", config];
  const gateway = new GatewayProcess(command, {
    env,
    variablesByPipe: true,
    log: { file: log, append: true },
    ownGroup: true,
    ipc: true,
    onOutput,
  });
  stopping.first.addEventListener("abort", () => gateway.terminate());
  stopping.second.addEventListener("abort", () => {
    gateway.terminate();
    setTimeout(() => gateway.kill(), 2_000).unref();
  });
  return gateway;
}

/** Begins a new log, which this user alone can read. */
export function beginLog(file: string): void {
  rmSync(file, { force: true });
  writeFileSync(file, "", { mode: 0o600 });
}

/** The last lines of its log, for the message that says why it ended. */
export const lastLines = ({ lastLines: lines }: GatewayProcess, count: number): string =>
  lines.slice(-count).map(readable).join("\n");

/** That it has ended by itself: how, and what it wrote last. */
export function whyEnded({ end, lastLines: lines }: Pick<GatewayProcess, "end" | "lastLines">): string {
  const how = typeof end === "string" ? `the gateway was ended by ${end}` : "the gateway has ended";
  const last = lines.slice(-5).map(readable).filter(Boolean);
  return last.length === 0 ? `${how}, and its log is empty` : `${how}. The last lines of its log:\n${last.join("\n")}`;
}

/** The message of a log line and why; a line that is not a log line as it is. */
export function readable(line: string): string {
  const record = recordIn(line);
  if (record === undefined) return line.replace(/^gangway: /, "");
  return [record.msg, record.why].filter(Boolean).join(": ");
}
