/** The gateway under attack: a hub of two services with a token each, limited to the memory of a small container. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gatewayMain, GatewayProcess } from "../../../kit/gateway-process.ts";
import { residentKb } from "../../../kit/process-figures.ts";
import { limitMemory, type MemoryLimit } from "./memory-limit.ts";

/** What the gateway may use, in bytes. */
export const MEMORY = 512 * 1024 * 1024;
/** What V8 makes of that by itself in a container. */
const HEAP_MB = 256;

export const TOKENS = {
  visitor: "soak-visitor-7f3a91c2e84d5b60",
  attacker: "soak-attacker-19d0c4b7a2e6f853",
} as const;

const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 30_000;

/** Log lines that no attack may cause. */
const COMPLAINT = /"level":"(error|fatal)"|^\(node:\d+\)|^FATAL|^\s+at /;

export class Target {
  readonly limit: MemoryLimit;
  readonly complaints: string[] = [];
  readonly #process: GatewayProcess;
  #port = 0;
  #last = "";

  private constructor(folder: string) {
    this.limit = limitMemory(MEMORY);
    const file = join(folder, "gateway.json");
    writeFileSync(file, JSON.stringify(configuration(this.limit)));
    this.#process = new GatewayProcess([gatewayMain(), "--config", file, "--log-level", "info"], {
      nodeFlags: [`--max-old-space-size=${HEAP_MB}`, "--import", join(import.meta.dirname, "enter-group.ts")],
      ipc: true,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], SOAK_GROUP: this.limit.procs },
      onLine: (line) => this.#read(line),
    });
    process.once("exit", this.limit.remove);
  }

  /** @throws Error with what it logged last */
  static async start(folder: string): Promise<Target> {
    const target = new Target(folder);
    if (await target.#process.whenReady(() => target.#port !== 0, START_TIMEOUT)) return target;
    throw new Error(`the gateway does not start: ${target.#last}`);
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get runs(): boolean {
    return this.#process.runs;
  }

  /** How it ended, and what it said last; undefined while it runs. */
  get end(): string | undefined {
    return this.runs ? undefined : `${this.#process.end}: ${this.#last}`;
  }

  /** The most memory that it has used: of its group, or of itself at this moment. */
  get memory(): number {
    return this.limit.peak() ?? (residentKb(this.pid) ?? 0) * 1024;
  }

  async stop(): Promise<void> {
    await this.#process.stop(STOP_TIMEOUT);
    this.limit.remove();
  }

  #read(line: string): void {
    this.#port ||= Number(/"port":(\d+),"msg":"listening"/.exec(line)?.[1] ?? 0);
    if (!line.includes('"level":"info"')) this.#last = `${this.#last}${line}\n`.slice(-2_000);
    if (COMPLAINT.test(line) && this.complaints.length < 20) this.complaints.push(line);
  }
}

/** The servers are not what is judged: they leave the gateway's group before they start. */
function configuration({ outside }: MemoryLimit): object {
  const server = join(import.meta.dirname, "../../../../gateways/fixtures/child.ts");
  const leave = outside === undefined ? "" : `echo $$ > ${outside}; `;
  const command = (priority: string) => ({
    command: "sh",
    args: ["-c", `${leave}exec nice -n ${priority} '${process.execPath}' '${server}'`],
    sandbox: false, // it leaves the group of processes whose memory is limited
  });
  return {
    port: 0,
    host: "127.0.0.1",
    exemptLoopback: true, // the attackers are limited by their own budget: rate limits would only make them harmless
    tokens: Object.values(TOKENS),
    allowedOrigins: ["https://page.example"],
    readTimeout: "10s",
    mcpServers: {
      visited: { ...command("0"), isolation: "shared" },
      attacked: { ...command("15"), isolation: "session", maxChildren: 6, idleTtl: "20s", requestTimeout: "20s" },
    },
  };
}
