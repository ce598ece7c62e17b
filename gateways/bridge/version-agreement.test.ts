import { expect, test } from "vitest";
import { nextVersion } from "./version-agreement.ts";

const TRIED = "2025-11-25";

test.for([
  ["data.supported", { message: "no", data: { supported: ["2024-11-05"], requested: TRIED } }, "2024-11-05"],
  ["the newest of several", { data: { supported: ["2024-11-05", "2025-06-18", "2025-03-26"] } }, "2025-06-18"],
  ["data.supportedVersions", { data: { supportedVersions: ["2025-03-26"] } }, "2025-03-26"],
  ["data.supported_versions", { data: { supported_versions: ["2025-03-26"], requested: TRIED } }, "2025-03-26"],
  ["data.supportedProtocolVersions", { data: { supportedProtocolVersions: ["2025-03-26"] } }, "2025-03-26"],
  ["data.protocolVersion, a string", { data: { protocolVersion: "2025-06-18" } }, "2025-06-18"],
  ["data.versions, as objects", { data: { versions: [{ version: "2025-06-18" }] } }, "2025-06-18"],
  ["data that is a list", { data: ["2025-03-26"] }, "2025-03-26"],
  ["data that is a text", { data: "supported: 2025-03-26, 2024-11-05" }, "2025-03-26"],
  ["data under another name", { data: { server: { speaks: "2025-03-26" } } }, "2025-03-26"],
  [
    "the message",
    { message: `Unsupported protocol version: ${TRIED} (supported: 2025-03-26, 2024-11-05)` },
    "2025-03-26",
  ],
  ["the message, the supported ones first", { message: `expected 2024-11-05, got ${TRIED}` }, "2024-11-05"],
  ["data before the message", { message: "since 2025-06-18", data: { supported: ["2024-11-05"] } }, "2024-11-05"],
  ["nowhere: the next older one is asked for", { message: "Unsupported protocol version" }, "2025-06-18"],
  ["nowhere but for the refused one", { message: `Protocol version ${TRIED} is not supported` }, "2025-06-18"],
] as const)("a server that names its revisions in %s is asked for the best common one", ([, error, version]) => {
  expect(nextVersion(error, [TRIED])).toBe(version);
});

test.for([
  ["about something else", { message: "KEY is not set", data: { hint: "set it" } }],
  ["that names only revisions without initialize", { message: "Unsupported", data: { supported: ["2026-07-28"] } }],
  ["that names only unknown revisions", { message: "unsupported version", data: { supported: ["2023-01-01"] } }],
  ["without a message", {}],
] as const)("an error %s is not answered with another revision", ([, error]) => {
  expect(nextVersion(error, [TRIED])).toBeUndefined();
});

test("a revision is asked for once, so that a server that refuses all of them ends the search", () => {
  const error = { message: "unsupported version", data: { supported: ["2025-06-18", "2024-11-05"] } };
  expect(nextVersion(error, [TRIED, "2025-06-18"])).toBe("2024-11-05");
  expect(nextVersion(error, [TRIED, "2025-06-18", "2025-03-26", "2024-11-05"])).toBeUndefined();
});
