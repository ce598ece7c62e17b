import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { flagOf } from "./config.ts";
import { allOptions } from "./config/every-option.ts";
import { catalogue, GatewayError, toGatewayError, type ErrorName, type Refusal } from "./errors.ts";

const refusals: [ErrorName, Refusal][] = Object.entries(catalogue) as [ErrorName, Refusal][];

/** The names of the placeholders in an error's texts. */
const placeholders = ({ message, remedy }: Refusal) =>
  [...`${message} ${remedy}`.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);

/** Every `new GatewayError("name", { details })` in the gateway's sources. */
const callSites = globSync("**/*.ts", { cwd: import.meta.dirname, exclude: ["**/*.test.ts", "**/node_modules/**"] })
  .flatMap((file) => {
    const source = readFileSync(`${import.meta.dirname}/${file}`, "utf8");
    const calls = source.matchAll(/new GatewayError\(\s*"([\w-]+)"(?:,\s*\{([^}]*)\})?/g);
    return [...calls].map((call) => ({ file, name: call[1] as ErrorName, details: call[2] ?? "" }));
  })
  .map(({ file, name, details }) => ({
    file,
    name,
    keys: [...details.matchAll(/(\w+)\s*(?=[:,]|\s*$)/g)].map(([, key]) => key),
  }));

test.each(refusals)("%s says what happened and what to do, in whole sentences", (_, refusal) => {
  // Where the message is nothing but its detail, the call site writes the sentence.
  expect(refusal.message).toMatch(/^(?:\{detail\}|(?:[A-Z]|\{\w+\} ).*\.)$/);
  expect(refusal.remedy).toMatch(/^(?:\{remedy\}|[A-Z].*\.)$/); // the remedies of bridge/causes.ts have a test of their own
});

test.each(refusals)("%s has a known HTTP status and a code in JSON-RPC's error range", (_, { status, code }) => {
  expect([200, 400, 401, 403, 404, 405, 406, 413, 415, 421, 426, 429, 431, 500, 503]).toContain(status);
  expect(code).toBeGreaterThanOrEqual(-32_800);
  expect(code).toBeLessThanOrEqual(-32_000);
});

/** Errors that say what they mean without their detail, too. */
const DETAIL_IS_OPTIONAL: ReadonlySet<ErrorName> = new Set<ErrorName>([
  "parse-error",
  "unauthorized",
  "login-required",
]);

test("every place that throws an error fills all of its placeholders", () => {
  expect(callSites.length).toBeGreaterThan(30);
  for (const { file, name, keys } of callSites) {
    const wanted = placeholders(catalogue[name]).filter((key) => !(DETAIL_IS_OPTIONAL.has(name) && key === "detail"));
    expect(keys, `${file}: ${name}`).toEqual(expect.arrayContaining(wanted));
  }
});

test.each(refusals)("%s has no placeholder and no gap left when its details are given", (name, refusal) => {
  const details = Object.fromEntries(placeholders(refusal).map((key) => [key, "filled."]));
  const { message } = new GatewayError(name, details);
  expect(message).not.toMatch(/\{\w+\}|undefined|\s\s/);
  for (const _ of placeholders(refusal)) expect(message).toContain("filled.");
});

test("a missing detail leaves nothing behind in the text", () => {
  expect(new GatewayError("parse-error").message).toMatch(/^The body is not valid JSON\. Send /);
  expect(new GatewayError("parse-error", { detail: undefined }).message).not.toContain("undefined");
  expect(new GatewayError("not-found", { path: "/{service}/$&" }).message).toContain("nothing at /{service}/$&.");
});

test("a detail of zero is written out", () => {
  expect(new GatewayError("body-too-large", { limit: 0 }).message).toContain("over 0 bytes");
});

test("an error carries the status and code of its entry, its details, its cause and its retry time", () => {
  const cause = new Error("internals");
  const details = { limit: "1 a day" };
  const error = new GatewayError("rate-limited", details, { cause, retryAfter: 7 });
  expect(error).toMatchObject({ name: "rate-limited", status: 429, code: -32_000, retryAfter: 7, cause, details });
  expect(error.message).not.toContain("internals");
});

test("a 503 always says when to retry, other errors only when they know", () => {
  expect(new GatewayError("shutting-down").retryAfter).toBe(5);
  expect(new GatewayError("too-many-sessions", {}, { retryAfter: 30 }).retryAfter).toBe(30);
  expect(new GatewayError("not-found").retryAfter).toBeUndefined();
});

test("an unforeseen error becomes an internal error that hides its cause, and an error of the catalogue stays as it is", () => {
  for (const thrown of [new Error("secret path"), "secret path", undefined, null]) {
    const error = toGatewayError(thrown);
    expect(error).toMatchObject({ name: "internal", status: 500, code: -32_603 });
    expect(error.cause).toBe(thrown);
    expect(error.message).not.toContain("secret");
  }
  const refusal = new GatewayError("not-found");
  expect(toGatewayError(refusal)).toBe(refusal);
});

test("a remedy names an option as its flag: the variable and the key of a file follow from it", () => {
  const flags = Object.keys(allOptions).map(flagOf);
  for (const [name, { remedy }] of refusals) {
    expect(remedy, name).not.toMatch(/\b(MAX|REQUEST|ALLOWED|MEMORY|IDLE|START)_[A-Z]/);
    for (const [flag] of remedy.matchAll(/--[a-z-]+/g)) expect(flags, name).toContain(flag);
  }
});
