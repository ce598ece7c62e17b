/**
 * The only reader of the environment and `.env` (settings.test.ts lists the exceptions). Secrets stay inside: they come out by
 * name, and no print shows them.
 */
import { homedir } from "node:os";
import { resolve } from "node:path";
import { tokens } from "../gateways/config/tokens.ts";
import type { Service } from "./catalog/entry.ts";
import { place, project } from "./project.ts";
import { AUTH_PORT, type AuthKind, authKinds, hasKeyHost, isLogin, KEY_PORT_DISTANCE } from "./settings/auth.ts";
import { envTextOf } from "./settings/env-text.ts";
import { type EnvFile, readEnvText } from "./settings/env-file.ts";
import { type KnownNames, knownNames } from "./settings/names.ts";
import { type environmentOnly, keyPortVariable, portVariable } from "./settings/variables.ts";

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
  /**
   * All services of the catalog, whose variables `.env` may name.
   * @default - the services. Without any, names in `.env` are not checked: whoever needs no service reads few variables
   */
  readonly catalog?: readonly Service[];
}

/**
 * A variable that other programs read, too, and only from the environment: cdktf TERRAFORM_BINARY_NAME, Docker DOCKER_HOST.
 * Programs that Terraform runs find their host there, and not in `.env`. An empty variable counts as unset.
 */
export const environmentVariable = (
  name: (typeof environmentOnly)[number] | "SSH_PRIVATE_KEY_FILE",
): string | undefined => process.env[name] || undefined;

const NO_FILE: EnvFile = { values: {}, mistakes: [], notices: [] };

/** What is wrong with the settings: every problem at once, one line each. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** The values that this machine decides, and not the catalog. */
export class Settings {
  readonly #env: Variables;
  readonly #values: Variables;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #keyPorts: ReadonlyMap<string, number>;
  /** The port of the hub: `HUB_PORT`. */
  readonly hubPort: number;
  /** The port of the hub where tokens are taken beside logins: `HUB_KEY_PORT`, or 1000 above `HUB_PORT`. */
  readonly hubKeyPort: number;
  /** The port of the authorization server on this machine: `AUTH_PORT`. */
  readonly authPort: number;
  /** What the reader should know about `.env`: one line each. */
  readonly notices: readonly string[];

  /** @throws SettingsError that names every value that is wrong */
  constructor(services: readonly Service[], env: Variables, { values, mistakes, notices }: EnvFile = NO_FILE) {
    this.#env = env;
    this.#values = { ...values, ...env };
    this.notices = notices;
    const problems = [...mistakes];
    this.hubPort = this.#port("HUB_PORT", 3000, problems);
    this.#ports = new Map(services.map(({ name, port }) => [name, this.#port(portVariable(name), port, problems)]));
    this.authPort = this.#port("AUTH_PORT", AUTH_PORT, problems);
    this.hubKeyPort = this.#port("HUB_KEY_PORT", Math.min(this.hubPort + KEY_PORT_DISTANCE, 65_535), problems);
    // Those of tokens follow from the others, so only once these are right.
    const keyed = problems.length > 0 ? [] : services.filter((service) => hasKeyHost(this.auth(service)));
    this.#keyPorts = new Map(keyed.map((service) => [service.name, this.#besidePort(service, problems)]));
    problems.push(...this.#clashes(this.#portsInUse(services)));
    if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  }

  /** The value of a variable; an empty one counts as unset, so that a copied .env.example means nothing yet. */
  value(name: string): string | undefined {
    return this.#values[name]?.trim() || undefined;
  }

  /**
   * A variable's name for a message, with where its value comes from: `PORT_MEMORY (from .env)`. One that is not set has
   * nothing to come from.
   */
  named(name: string): string {
    if (this.value(name) === undefined) return name;
    return `${name} (from ${this.isOnlyInFile(name) ? ".env" : "the environment"})`;
  }

  /** A problem that begins with a variable's name (CI is a word too short for one), with where its value comes from. */
  told = (problem: string): string => problem.replace(/^[A-Z][A-Z0-9_]{2,}/, (name) => this.named(name));

  /** The services that `SERVICES` picks, as it names them. None: all. */
  get services(): readonly string[] {
    return (
      this.value("SERVICES")
        ?.split(/[\s,]+/)
        .filter((name) => name !== "") ?? []
    );
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
      throw new SettingsError(`${this.named("MCP_BEARER_TOKEN")}: ${(error as Error).message}`);
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

  /**
   * The port on this machine where a service with logins takes tokens: `PORT_<SERVICE>_KEY`, or 1000 above its own. Undefined
   * where one port does for both, because callers have one way alone.
   */
  keyPort({ name }: Pick<Service, "name">): number | undefined {
    return this.#keyPorts.get(name);
  }

  /** How callers of a service prove who they are: what its entry says, or `AUTH`. None of an app(). */
  auth(service: Service): readonly AuthKind[] {
    return authKinds(service, this.value("AUTH"));
  }

  /** The issuer of one's own whose tokens a service takes: that of its entry, or `AUTH_ISSUER`. Undefined: ours. */
  ownIssuer({ authIssuer }: { readonly authIssuer?: string | undefined }): string | undefined {
    return authIssuer ?? this.value("AUTH_ISSUER");
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
    if (!isPort) problems.push(`${this.named(variable)} is "${text}", expected a whole number from 1 to 65535`);
    return port;
  }

  #besidePort({ name }: Service, problems: string[]): number {
    return this.#port(keyPortVariable(name), this.#ports.get(name)! + KEY_PORT_DISTANCE, problems);
  }

  /** Every port of this machine that a process or a container of ours may have, with the variable that moves it. */
  #portsInUse(services: readonly Service[]): (readonly [variable: string, port: number])[] {
    const logins = services.some((service) => isLogin(this.auth(service)) && this.ownIssuer(service) === undefined);
    return [
      ["HUB_PORT", this.hubPort],
      ...(this.#keyPorts.size > 0 ? [["HUB_KEY_PORT", this.hubKeyPort] as const] : []),
      ...(logins ? [["AUTH_PORT", this.authPort] as const] : []),
      ...Array.from(this.#ports, ([name, port]) => [portVariable(name), port] as const),
      ...Array.from(this.#keyPorts, ([name, port]) => [keyPortVariable(name), port] as const),
    ];
  }

  /** Two services on one port: the catalog allows none, so one of the two variables is at fault. */
  #clashes(ports: readonly (readonly [variable: string, port: number])[]): string[] {
    const owners = new Map<number, string>();
    return ports.flatMap(([variable, port]) => {
      const owner = owners.get(port);
      if (owner !== undefined)
        return [`${this.named(variable)} is ${port}, expected another port than ${this.named(owner)} has`];
      owners.set(port, variable);
      return [];
    });
  }
}

/**
 * Reads the environment and `.env` for these services; the environment wins.
 * @throws SettingsError that names every value that is wrong, and every line of `.env` that sets nothing it was meant to set
 */
export function readSettings(services: readonly Service[], source: SettingsSource = {}): Settings {
  const { env = process.env, file = place.env, catalog = services } = source;
  return new Settings(services, env, readEnvFile(file, catalog.length === 0 ? undefined : knownNames(catalog)));
}

function readEnvFile(file: string | URL, known: KnownNames | undefined): EnvFile {
  const text = envTextOf(file);
  return text === undefined ? NO_FILE : readEnvText(text, known);
}
