/**
 * The only reader of the environment and `.env` (settings.test.ts lists the exceptions). Secrets stay inside: they come out by
 * name, and no print shows them.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { tokens } from "../gateways/config/tokens.ts";
import type { Service } from "./catalog/entry.ts";
import { place, project } from "./project.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** Where the variables come from. */
export interface SettingsSource {
  /** @default process.env */
  readonly env?: Variables;
  /**
   * A dotenv file for what `env` does not have; a missing file is like an empty one.
   * @default - .env in the project's folder
   */
  readonly file?: string | URL;
}

/** What Terraform's providers and its state in a bucket read from the environment only. */
export const providerVariables = [
  "CLOUDFLARE_API_TOKEN",
  "DIGITALOCEAN_TOKEN",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
] as const;

/**
 * A variable that other programs read, too, and only from the environment: cdktf TERRAFORM_BINARY_NAME, Docker DOCKER_HOST.
 * Programs that Terraform runs find their host there, and not in `.env`. An empty variable counts as unset.
 */
export const environmentVariable = (
  name: "TERRAFORM_BINARY_NAME" | "DOCKER_HOST" | "SSH_PRIVATE_KEY_FILE",
): string | undefined => process.env[name] || undefined;

/** What is wrong with the settings: every problem at once, one line each. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** The values that this machine decides, and not the catalog. */
export class Settings {
  readonly #env: Variables;
  readonly #values: Variables;
  readonly #ports: ReadonlyMap<string, number>;
  /** The port of the hub: `HUB_PORT`. */
  readonly hubPort: number;

  /** @throws SettingsError that names every value that is wrong */
  constructor(services: readonly Service[], env: Variables, file: Variables) {
    this.#env = env;
    this.#values = { ...file, ...env };
    const problems: string[] = [];
    this.hubPort = this.#port("HUB_PORT", 3000, problems);
    this.#ports = new Map(services.map(({ name, port }) => [name, this.#port(portVariable(name), port, problems)]));
    const moved = Array.from(this.#ports, ([name, port]) => [portVariable(name), port] as const);
    problems.push(...clashes([["HUB_PORT", this.hubPort], ...moved]));
    if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  }

  /** The value of a variable; an empty one counts as unset, so that a copied .env.example means nothing yet. */
  value(name: string): string | undefined {
    return this.#values[name]?.trim() || undefined;
  }

  /** Whether a variable is set in `.env` and not in the environment, where the providers of Terraform look. */
  isOnlyInFile(name: string): boolean {
    return this.value(name) !== undefined && !this.#env[name]?.trim();
  }

  /**
   * The tokens that open every service, the newest first: `MCP_BEARER_TOKEN`, one a line. None: it is not set.
   * @throws SettingsError that shows nothing of a token
   */
  get bearerTokens(): readonly string[] {
    const written = this.value("MCP_BEARER_TOKEN");
    try {
      return written === undefined ? [] : tokens(written);
    } catch (error) {
      throw new SettingsError(`MCP_BEARER_TOKEN: ${(error as Error).message}`);
    }
  }

  /** The file of the private key for the droplet: `SSH_PRIVATE_KEY_FILE`, relative to the project's folder. */
  get sshKeyFile(): string | undefined {
    const file = this.value("SSH_PRIVATE_KEY_FILE")?.replace(/^~(?=\/)/, homedir());
    return file && resolve(project, file);
  }

  /** The port of a service on this machine: `PORT_<SERVICE>`, or that of its entry. */
  port({ name, port }: Service): number {
    return this.#ports.get(name) ?? port;
  }

  /** The port that `PORT_<SERVICE>` asks for; undefined when it is not set. */
  movedPort(service: Service): number | undefined {
    return this.value(portVariable(service.name)) === undefined ? undefined : this.port(service);
  }

  /**
   * What a process that we start is given: our environment and, of `.env`, only what is named.
   * @param without what it is not given, even where our environment has it
   */
  environmentWith(names: readonly string[], without: readonly string[] = []): Record<string, string | undefined> {
    const given = names.map((name) => [name, this.value(name)] as const);
    const all = { ...this.#env, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
    return Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name)));
  }

  /** The variables by which Docker's command line finds its engine, of those that are set in the environment. */
  get dockerVariables(): string[] {
    return Object.keys(this.#env).filter((name) => /^(DOCKER_\w+|XDG_RUNTIME_DIR)$/.test(name) && this.#env[name]);
  }

  /** The JavaScript file of the npm that started us, when one did. */
  get npmProgram(): string | undefined {
    const file = this.#env["npm_execpath"];
    return file?.endsWith("npm-cli.js") ? file : undefined; // other package managers set it too
  }

  #port(variable: string, fallback: number, problems: string[]): number {
    const text = this.value(variable) ?? String(fallback);
    const port = Number(text);
    const isPort = Number.isInteger(port) && port >= 1 && port <= 65535;
    if (!isPort) problems.push(`${variable} is "${text}", expected a whole number from 1 to 65535`);
    return port;
  }
}

/** Reads the environment and `.env` for these services; the environment wins. */
export function readSettings(services: readonly Service[], source: SettingsSource = {}): Settings {
  const { env = process.env, file = place.env } = source;
  return new Settings(services, env, readEnvFile(file));
}

/** The variable that moves a service's port on this machine: PORT_MEMORY, PORT_MY_SERVER. */
export const portVariable = (service: string): string => `PORT_${service.toUpperCase().replaceAll("-", "_")}`;

/** Two services on one port: the catalog allows none, so one of the two variables is at fault. */
function clashes(ports: readonly (readonly [variable: string, port: number])[]): string[] {
  const owners = new Map<number, string>();
  return ports.flatMap(([variable, port]) => {
    const owner = owners.get(port);
    if (owner !== undefined) return [`${variable} is ${port}, expected another port than ${owner} has`];
    owners.set(port, variable);
    return [];
  });
}

function readEnvFile(file: string | URL): Variables {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}
