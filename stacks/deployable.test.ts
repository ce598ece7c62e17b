import { describe, expect, test } from "vitest";
import { defineServices } from "./catalog/define.ts";
import { group } from "./catalog/kinds/group.ts";
import { http } from "./catalog/kinds/http.ts";
import { askedFor, withMembers, withoutMember } from "./deployable.ts";
import { readSettings } from "./settings.ts";

const server = http("https://example.org/mcp");
const services = Object.values(
  defineServices({
    plain: { server, port: 1 },
    rare: { server, port: 2, secrets: ["RARE", "MORE"], optional: true },
    other: { server, port: 3, secrets: ["OTHER"], optional: true },
    mixed: { server: group(["rare", "plain"]), port: 4 },
    odd: { server: group(["rare", "other"]), port: 5 },
  }),
);
const settings = (env: Record<string, string>) => readSettings(services, { env, file: "/nowhere" });

/** Those that are named, with the members of groups. */
function named(...names: string[]): string[] {
  const some = services.filter(({ name }) => names.includes(name));
  return withMembers(some, services).map(({ name }) => name);
}

/** What is asked for with these values: the services with the members of groups, and what is said. */
function asked(env: Record<string, string>) {
  const { services: found, left, absent } = askedFor(services, settings(env));
  const members = found.map(({ name, server: its }) =>
    its.kind === "group" ? `${name}: ${its.members.join()}` : name,
  );
  return { members, left, said: absent.map(withoutMember) };
}

describe("what is asked for", () => {
  test("has no member in a group that nothing asks for, which is said, and no group without members", () => {
    expect(asked({})).toEqual({
      members: ["plain", "mixed: plain"],
      left: [{ name: "odd", missing: ["rare or other"] }],
      said: ["mixed is without rare, which needs RARE and MORE"],
    });
  });

  test("has every member that is, in the order of the group, though it may still wait for a secret", () => {
    expect(asked({ RARE: "x" })).toEqual({
      members: ["plain", "rare", "mixed: rare,plain", "odd: rare"],
      left: [],
      said: ["odd is without other, which needs OTHER"],
    });
  });
});

test("whoever is named brings the members of groups along, in the catalog's order", () => {
  expect([named("mixed"), named("plain"), named("odd", "plain")]).toEqual([
    ["plain", "rare", "mixed"],
    ["plain"],
    ["plain", "rare", "other", "odd"],
  ]);
});
