/** Tokens that have a name: made, and taken away. Their list is tokens.json. */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Service } from "../../stacks/catalog/entry.ts";
import { place } from "../../stacks/project.ts";
import {
  checkToken,
  EVERY_SERVICE,
  type ListedToken,
  newNamedToken,
  readTokenList,
  toolPatterns,
  type TokenList,
  writtenTokenList,
} from "../../stacks/token-list.ts";
import { asksForToken } from "../../stacks/tokens.ts";
import { replaceFile } from "./env-file.ts";

/** What was asked for, as it was typed. */
export interface WantedToken {
  readonly name: string;
  readonly services?: string | undefined;
  readonly tools?: string | undefined;
  readonly expires?: string | undefined;
}

/** Makes a token and puts it into the list. @returns the token, which nobody keeps, and what to do next @throws Error */
export function add(wanted: WantedToken, catalog: readonly Service[], file = place.tokens, now = Date.now()) {
  const { name } = wanted;
  const list = readTokenList(file);
  refuseTaken(name, list, catalog);
  const { token, digest } = newNamedToken(name);
  const listed = entryOf(wanted, digest, catalog, now);
  checkToken(name, listed);
  write({ ...list, [name]: listed }, file);
  return { token, notice: noticeOf(listed) };
}

/** Takes a token out of the list. @returns what to do next @throws Error where there is none of this name */
export function revoke(name: string, file = place.tokens): string {
  const { [name]: gone, ...others } = readTokenList(file);
  if (!gone) throw new Error(`${name}: no token has this name: npx gangway token list shows those that there are`);
  write(others, file);
  return `${name} is out of tokens.json: commit that. It is refused from the next deploy on, or when npm start is started again`;
}

/** The shared tokens are called what their services are called. */
function refuseTaken(name: string, list: TokenList, catalog: readonly Service[]): void {
  if (Object.hasOwn(list, name))
    throw new Error(`${name}: there is a token of this name: npx gangway token revoke ${name}`);
  if (catalog.some((service) => service.name === name))
    throw new Error(`${name}: a service has this name, expected one of a person or a program`);
}

function entryOf(
  { services, tools, expires }: WantedToken,
  digest: string,
  catalog: readonly Service[],
  now: number,
): ListedToken {
  return {
    digest,
    services: servicesOf(services, catalog),
    ...(tools !== undefined && { tools: toolPatterns(tools) }),
    created: new Date(now).toISOString(),
    ...(expires !== undefined && { expires: new Date(endOf(expires, now)).toISOString() }),
  };
}

function servicesOf(written: string | undefined, catalog: readonly Service[]): string[] {
  if (written === undefined) return [EVERY_SERVICE];
  const known = catalog.filter(asksForToken).map(({ name }) => name);
  const names = written.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`--services: got ${JSON.stringify(unknown)}, expected some of ${known.join(", ")}`);
  return [...new Set(names)];
}

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168 };

/** `90d`, `12h`, `8w`, or a day that is to come, which is its last. */
function endOf(written: string, now: number): number {
  const [, count, unit] = /^([1-9]\d{0,4})([hdw])$/.exec(written) ?? [];
  const end = count === undefined ? endOfDay(written) : now + Number(count) * HOURS[unit!]! * 3_600_000;
  if (end > now) return end;
  throw new Error(
    `--expires: got ${JSON.stringify(written)}, expected a time that is to come, such as 90d, 12h or 2027-02-28`,
  );
}

const endOfDay = (day: string) => (/^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T23:59:59Z`) : Number.NaN);

function noticeOf({ services, tools }: ListedToken): string {
  const where = services.includes(EVERY_SERVICE) ? "every service" : services.join(" and ");
  const what = tools === undefined ? "everything" : tools.join(" and ");
  return `It opens ${what} of ${where}, from the next deploy on, or when npm start is started again. It is shown this once: tokens.json has its digest. Commit that.`;
}

/** A disk that is full leaves no half of it: the next command would call that a mistake of the reader's. */
function write(list: TokenList, file: string): void {
  const text = writtenTokenList(list);
  if (existsSync(file)) return replaceFile(file, text);
  const fresh = `${file}.new`;
  try {
    writeFileSync(fresh, text);
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
