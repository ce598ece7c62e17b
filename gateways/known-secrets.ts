/** Which of the values that a gateway is given are secret: judged by their names, by what they look like, and by their parts. */
import type { GatewayConfig, GroupMember, ServerConfig } from "./config.ts";
import { secrets } from "./secrets.ts";

/** A secret, and what is shown instead of it. */
type Named = readonly [name: string, value: string];

/** Makes the secrets of a gateway known: from here on nothing that this process tells contains them. */
export function learnSecrets({ tokens, sessionSecret, services, otlpHeaders }: GatewayConfig): void {
  const own: Named[] = [...tokens, ...services.flatMap((service) => service.tokens)].map((token) => ["token", token]);
  if (sessionSecret !== undefined) own.push(["SESSION_SECRET", sessionSecret]);
  for (const header of otlpHeaders) own.push(["OTEL_EXPORTER_OTLP_HEADERS", header.slice(header.indexOf("=") + 1)]);
  for (const { authSecret } of services) if (authSecret !== undefined) own.push(["AUTH_SECRET", authSecret]);
  for (const [name, value] of [...own, ...services.flatMap(({ server }) => secretsOf(server))])
    secrets.add(name, value);
}

function secretsOf(server: ServerConfig): Named[] {
  if (server.kind === "needs" || server.kind === "failed") return [];
  if (server.kind === "stdio") {
    return [
      ...Object.entries(server.env).flatMap(([name, value]) => secretsIn(name, value)),
      ...inArguments(server.args),
    ];
  }
  if (server.kind === "group") return server.members.flatMap(secretsOfUpstream);
  return secretsOfUpstream(server);
}

function secretsOfUpstream({ url, headers = {} }: Pick<GroupMember, "url" | "headers">): Named[] {
  const named = Object.entries(headers).flatMap(([name, value]) => secretsIn(name, value));
  return [...named, ...(url === undefined ? [] : partsOf("URL", url))];
}

/**
 * The secrets in the value of a variable or a header: the value itself, unless it is evidently none, and the parts of it
 * that are secret by themselves, such as the password in a connection string.
 */
export function secretsIn(name: string, value: string): Named[] {
  const isSecret = isSecretName(name) || (value.length >= LEAST_UNNAMED && !isHarmless(value));
  return [...(isSecret ? [[name, value] as const] : []), ...partsOf(name, value)];
}

/** The least characters of a value that is a secret although its name does not say so. */
const LEAST_UNNAMED = 6;

const SECRET_NAME =
  /TOKEN|KEY|SECRET|PASS|PWD|AUTH|CREDENTIAL|COOKIE|SESSION|PRIVATE|SIGNATURE|DSN|CONNECTION|DATABASE_UR[IL]|WEBHOOK|LICENSE|SALT|(^|[_-])PIN([_-]|$)/i;
/** Names that say that the value is about a secret. */
const ABOUT_SECRET =
  /(TYPE|MODE|METHOD|ENABLED|TIMEOUT|TTL|FILE|PATH|DIR|HOST|PORT|REGION|SCHEME|SOURCE|MECHANISM|PROVIDER)$/i;

const isSecretName = (name: string) => SECRET_NAME.test(name) && !ABOUT_SECRET.test(name);

/** Settings of which there are many and that nobody keeps secret. Whatever is not evidently harmless is a secret. */
const HARMLESS: readonly RegExp[] = [
  /^-?\d{1,9}(\.\d+)?[a-z]{0,3}$/i, // numbers, sizes, durations
  /^[a-z]{1,12}([-_.:,/][a-z]{1,12}|[-_.]\d{1,2}){0,2}$/i, // words: production, us-east-1, en_US
  /^(localhost|[\d.]+|[a-z\d-]+(\.[a-z\d-]+)*\.[a-z]{2,})(:\d+)?\/?$/i, // hosts
  /^(~|\.{1,2})?\/[\w.@ /-]*$/, // paths
  /^[a-z]:\\[\w.@ \\-]*$/i,
  /^(https?|wss?):\/\/[\w.-]+(:\d+)?(\/[\w./-]*)?$/i, // addresses without a login or a query
];

const isHarmless = (value: string) =>
  HARMLESS.some((kind) => kind.test(value)) && !value.split(/[^\w-]/).some(isRandom);

/** Whether a word looks as if a machine had made it at random: long, with digits among its letters. */
const isRandom = (word: string) => /^[\w+~-]+={0,2}$/.test(word) && word.split(/[-_]/).some(isRandomRun);

const isRandomRun = (run: string) =>
  /[a-z]/i.test(run) && (run.length >= 16 ? /\d/.test(run) : run.length >= 12 && /\d[a-z]/i.test(run));

/** The parts of a value that are secret by themselves. */
function partsOf(name: string, value: string): Named[] {
  const [, scheme, credentials] = /^(Bearer|Basic|Token|Digest)\s+(.+)$/i.exec(value) ?? [];
  const parts = [
    ...(credentials ? [credentials, ...(/basic/i.test(scheme!) ? passwordIn(base64(credentials)) : [])] : []),
    ...inUrls(value),
    ...inPairs(value),
    ...inJson(value),
  ];
  return parts.map((part) => [name, part]);
}

const base64 = (text: string) => Buffer.from(text, "base64").toString("utf8");

const passwordIn = (login: string) => [login.slice(login.indexOf(":") + 1)];

/** `postgres://user:password@host/db?sslkey=...`: the password, also as it is when it is decoded, and what the query keeps secret. */
function inUrls(value: string): string[] {
  return [...value.matchAll(/[a-z][a-z\d+.-]{1,30}:\/\/([^\s/?#"'<>]*)([^\s"'<>]*)/gi)].flatMap(
    ([, authority = "", rest = ""]) => {
      const login = authority.includes("@") ? authority.slice(0, authority.lastIndexOf("@")) : "";
      const passwords = login.includes(":") ? passwordIn(login) : [];
      const query = [...rest.matchAll(/[?&#]([^=&#]+)=([^&#]*)/g)].flatMap(([, key = "", part = ""]) =>
        isSecretName(key) || isRandom(part) ? [part] : [],
      );
      const path = rest.split(/[/?#]/).filter(isRandom);
      return [...[...passwords, ...query].flatMap((part) => [part, decoded(part)]), ...path];
    },
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** `host=db password=secret`, `Server=db;Pwd=secret;`, `--api-key=secret`. */
function inPairs(value: string): string[] {
  const pairs = value.matchAll(/(?:^|[\s;,&?-])([\w.-]{1,60})\s?=\s?("[^"]*"|'[^']*'|[^\s;&]+)/g);
  return [...pairs].flatMap(([, key = "", part = ""]) =>
    isSecretName(key) ? [part.replace(/^(["'])(.*)\1$/s, "$2")] : [],
  );
}

/** The texts of a JSON document, such as a service account, that have the name of a secret or look random. */
function inJson(value: string): string[] {
  if (!/^\s*[{[]/.test(value)) return [];
  const found: string[] = [];
  try {
    JSON.parse(value, (key, part: unknown) => {
      if (typeof part === "string" && (isSecretName(key) || isRandom(part))) found.push(part);
    });
  } catch {
    // not JSON
  }
  return found;
}

/** The secrets on a command line: `--token x`, `--api-key=x`, `TOKEN=x`, URLs with a login, and what looks random. */
export function inArguments(args: readonly string[]): Named[] {
  const words = args.flatMap((argument) => [argument, ...(/\s/.test(argument) ? argument.split(/[\s'"]+/) : [])]);
  const values = words.flatMap((word, at) => {
    const before = /^--?([\w-]+)$/.exec(words[at - 1] ?? "")?.[1];
    return [...inUrls(word), ...inPairs(word), ...(isRandom(word) || (before && isSecretName(before)) ? [word] : [])];
  });
  return values.map((value) => ["argument", value]);
}
