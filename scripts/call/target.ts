/** What `gangway tools` and `gangway call` are pointed at: a service that runs here, or a URL. */
import { readFileSync } from "node:fs";
import { didYouMean } from "../../gateways/config/nearest.ts";
import { catalogFile } from "../../stacks/project.ts";
import { WrongUse } from "../kit/arguments.ts";
import { containersHere } from "../kit/containers.ts";
import { endpointUrl, isUrl } from "../kit/endpoint-url.ts";
import { folder } from "../kit/folder.ts";
import { askHub, type ServiceHealth } from "../kit/hub.ts";
import { whoRuns } from "../kit/running.ts";
import { connect, type Endpoint, NotAllowed } from "./endpoint.ts";

/** How it was named. */
export interface Named {
  /** A service, or a URL. */
  readonly what: string;
  /** A file with the bearer token. @default - the token of this machine's services */
  readonly tokenFile?: string | undefined;
}

/** Connects to it. @throws WrongUse, or Error that says what to do */
export async function open({ what, tokenFile }: Named): Promise<Endpoint> {
  const url = isUrl(what) ? checked(what) : await tokenUrlOf(what);
  const tokens = tokenFile === undefined ? await ownTokens(url) : tokensIn(tokenFile);
  for (const [index, token] of (tokens.length === 0 ? [undefined] : tokens).entries()) {
    try {
      return await connect(url, token);
    } catch (error) {
      if (!(error instanceof NotAllowed)) throw error;
      if (index >= tokens.length - 1)
        throw new Error(`${url} asks for a token: ${error.message} ${HOW}`, { cause: error });
    }
  }
  throw new Error(`${url} accepts none of the tokens. ${HOW}`);
}

/** The URL of what was named. @throws WrongUse, or Error that says what to do */
export const urlFor = async (what: string): Promise<string> => (isUrl(what) ? checked(what) : urlOf(what));

const HOW = "Put one into a file and name it: --token-file <file>";

function checked(word: string): string {
  const url = endpointUrl(word);
  if (url !== undefined) return withoutPassword(url);
  throw new WrongUse(`got ${word}, expected a service or a URL: http://127.0.0.1:8080/mcp`);
}

/** A password that nobody is sent is told, and is not printed. */
function withoutPassword(url: string): string {
  const { username, password } = new URL(url);
  if (username === "" && password === "") return url;
  throw new WrongUse("the URL has a name or a password in it, expected a bearer token: --token-file <file>");
}

/** The URL of a service that runs here. */
async function urlOf(name: string): Promise<string> {
  const services = await servicesHere();
  const service = services.find((one) => one.name === name);
  if (service === undefined) {
    const names = services.map((one) => one.name);
    throw new WrongUse(
      `no service is called "${name}"${didYouMean(name, names) || "."} There are: ${names.join(", ")}`,
    );
  }
  const problem = problemOf(service);
  if (problem !== undefined) throw new Error(problem);
  return service.url;
}

/** The URL where a service that runs here takes tokens. @throws Error when it takes logins alone: nobody logs in here */
async function tokenUrlOf(name: string): Promise<string> {
  const url = await urlOf(name);
  const { all, settings } = await readServices();
  const service = all.find((one) => one.name === name);
  if (service === undefined) return url;
  const { deployedServices, loginAtStart } = await import("../../stacks/deployed.ts");
  const isStarted = whoRuns(folder.running) !== undefined;
  const login = isStarted
    ? loginAtStart(service, settings)
    : deployedServices("local-docker", [service], settings)[0]?.login;
  if (login === undefined) return url;
  if (login.keyUrl !== undefined) return login.keyUrl;
  throw new Error(
    `${name} takes logins alone, and this command has none. To let tokens in as well: auth: ["oauth", "bearer"] in its entry, or ` +
      `AUTH=oauth,bearer in .env. To try its logins: npx gangway doctor --oauth ${name}`,
  );
}

/** Those of `npm start` in this folder, or else those that are deployed to this machine's Docker. @throws Error when there are none */
async function servicesHere(): Promise<readonly ServiceHealth[]> {
  const hub = whoRuns(folder.running)?.hub;
  const started = hub === undefined ? undefined : await askHub(hub);
  const services = started?.services ?? (await deployedHere());
  if (services.length > 0 || started !== undefined) return services;
  throw new Error(
    "no services run here. Start them first, in another terminal: npx gangway start\nOr name a URL: npx gangway tools http://127.0.0.1:8080/mcp",
  );
}

/** The services of this project's catalog that have a container here. An app has no tools. */
async function deployedHere(): Promise<readonly ServiceHealth[]> {
  const containers = catalogFile === undefined ? [] : await containersHere();
  if (containers.length === 0) return [];
  const { all, settings } = await readServices();
  const { kindOf } = await import("../../stacks/catalog/kinds/registry.ts");
  const deployed = new Set(containers.map(({ service }) => service));
  return all
    .filter(({ name, server }) => deployed.has(name) && kindOf(server).role !== "app")
    .map((one) => ({ name: one.name, url: `http://127.0.0.1:${settings.port(one)}/mcp`, state: "up" }));
}

/** Imported at run time: a call of a URL outside of a project needs no catalog. */
async function readServices() {
  const { readCatalog } = await import("../../stacks/catalog/read.ts");
  const { readSettings } = await import("../../stacks/settings.ts");
  const all = Object.values(await readCatalog());
  return { all, settings: readSettings(all) };
}

function problemOf({ name, state, needs, error }: ServiceHealth): string | undefined {
  if (state === "needs") return `${name} needs ${needs}, and has not been started`;
  if (state === "starting") return `${name} is starting: try again in a moment`;
  return state === "failed" ? `${name} is not up: ${error}` : undefined;
}

/** The tokens in a file, one a line, as the gateway reads it. */
function tokensIn(file: string): readonly string[] {
  const tokens = textOf(file).split(/\s+/).filter(Boolean);
  if (tokens.length === 0) throw new WrongUse(`--token-file: ${file} is empty, expected a token`);
  if (tokens.every((token) => /^[\x21-\x7e]+$/.test(token))) return tokens;
  throw new WrongUse(`--token-file: ${file} has characters that no token has, expected one token a line`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new WrongUse(`--token-file: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** The tokens of this machine's services, the newest first. They are sent to this machine alone. */
async function ownTokens(url: string): Promise<readonly string[]> {
  if (!LOOPBACK.test(new URL(url).hostname)) return [];
  const set = process.env["MCP_BEARER_TOKEN"]?.trim().split(/\s+/) ?? [];
  if (catalogFile === undefined) return set;
  const { keptTokens } = await import("../../stacks/tokens.ts");
  const { settings } = await readServices();
  return [...settings.bearerTokens, ...keptTokens()];
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/i;
