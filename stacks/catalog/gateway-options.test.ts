import { describe, expect, test } from "vitest";
import {
  expectedInstead,
  gatewayOptions,
  isList,
  isSwitch,
  type Option,
  serverOptions,
  serviceOptions,
  sharedOptions,
} from "../../gateways/config.ts";
import { gatewayEnvironment, type McpService } from "../gateway-environment.ts";
import { defineServices } from "./define.ts";
import { gatewayValues, limitsCallers, passedOptions, reserved } from "./gateway-options.ts";
import { command } from "./kinds/command.ts";
import { ownOptions } from "./options.ts";

const base = { server: command(["serve"]), port: 1 };
const everyOption = { ...serverOptions, ...serviceOptions, ...sharedOptions, ...gatewayOptions };

/** A value that the option can read, as a person writes it, and not its default where there is another. */
function sampleOf(option: Option<unknown>): unknown {
  if (isSwitch(option)) return option.default !== "true";
  if (isList(option)) return ["https://a.example", "https://b.example"];
  const legal = [
    7,
    "7s",
    "debug",
    "shared",
    "bearer",
    "sessions",
    "search",
    "lazy",
    "github",
    "team=read_*",
    "https://a.example",
    "false",
  ].filter((value) => !expectedInstead(option, String(value)));
  return legal.find((value) => value !== option.default) ?? legal[0];
}

const define = (entry: object) => defineServices({ own: { ...base, ...entry } }).own;

/** What an option has no effect without. */
const verifying = { auth: "verify", verify: "coda", secrets: ["API_TOKEN"] };
const besides: Readonly<Record<string, object>> = {
  serial: { isolation: "shared" },
  verify: verifying,
  verifyAllow: verifying,
  ...Object.fromEntries(["authIssuer", "authAudience", "authClaim"].map((name) => [name, { auth: "oauth" }])),
};

describe.each(Object.entries(passedOptions))("%s in an entry", (name, option) => {
  const value = sampleOf(option);
  const service = define({ ...besides[name], [name]: value });

  test("reaches the container in the variable that the gateway reads", () => {
    const told = gatewayEnvironment(service as McpService, "own.example.org", [])[option.env] ?? "";
    expect(option.read(told)).toEqual(isList(option) ? value : option.read(String(value)));
  });

  test("reaches npm start as the key that the gateway reads", () => {
    expect(gatewayValues(service)[name]).toEqual(value);
  });

  test("is refused when the gateway could not read it", () => {
    expect(() => define({ [name]: { wrong: true } })).toThrow(`own: ${name} is {"wrong":true}, expected `);
  });
});

test("every option of the gateway can be set in an entry, is an entry's own, or is refused with the reason", () => {
  const known = [...Object.keys(passedOptions), ...Object.keys(reserved), ...Object.keys(ownOptions)];
  expect(Object.keys(everyOption).filter((name) => !known.includes(name))).toEqual([]);
  expect(Object.keys(passedOptions).filter((name) => name in ownOptions)).toEqual([]);
});

test("an option that is not set is not mentioned", () => {
  const service = define({});
  expect(gatewayValues(service)).toEqual({});
  const told = gatewayEnvironment(service as McpService, "own.example.org", []);
  const variables = Object.entries(passedOptions).map(([, { env }]) => env);
  expect(variables.filter((variable) => variable in told)).toEqual(["MAX_CHILDREN"]); // follows from its memory
});

test.each([
  [{ requestRate: "5/s" }, true],
  [{ loginRate: 5 }, true],
  [{ maxBody: 5 }, false],
  [{}, false],
])("an entry with %j limits its callers: %s", (entry, limits) => {
  expect(limitsCallers(define(entry))).toBe(limits);
});
