import { expect, test } from "vitest";
import { certificateFor } from "../../gateways/fixtures/certificate.ts";
import { certificatesOf, memoryOf, readCertificates, readGateway, readMemory, tunnelOf } from "./figures.ts";
import type { Inspected } from "./inspected.ts";

const container: Inspected = {
  id: "c0ffee",
  name: "nginx-proxy",
  service: "",
  part: "proxy",
  release: "",
  image: "nginxproxy/nginx-proxy:1.11.6",
  isRunning: true,
  isKept: true,
  startedAt: "2026-11-30T12:00:00Z",
  exitCode: 0,
  wasOutOfMemory: false,
  restarts: 0,
  hosts: [],
  hasCertificates: true,
};

const minutes = { calls: [1, 0, 4] };
const details = { since: "2026-11-30T12:00:00Z", sessions: 3, restarts: 1, minutes };

test("a gateway that is ready tells how much it is used", () => {
  const page = { services: [{ name: "memory", details }] };
  expect(readGateway([{ ready: true, state: "up" }, page])).toEqual({
    isReady: true,
    why: undefined,
    since: details.since,
    sessions: 3,
    calls: 5,
    restarts: 1,
  });
});

test.each([
  [[{ ready: false, state: "failed", error: "exit code 1" }, null], "exit code 1"],
  [[{ ready: false, state: "stopping" }, { services: [] }], "stopping"],
  [[null, null], "does not answer"],
])("a gateway that is not: %j", (answers, why) => {
  expect(readGateway(answers)).toEqual({ isReady: false, why });
});

test("memory is read in all units of docker stats", () => {
  const text = "aa 512KiB / 1GiB\nbb 71.5MiB / 512MiB\ncc 1.5GiB / 2GiB\ndd 0B / 0B\nee -- / --\n";
  expect([...readMemory(text)]).toEqual([
    ["aa", 524_288],
    ["bb", 74_973_184],
    ["cc", 1_610_612_736],
    ["dd", 0],
  ]);
});

const never = () => Promise.reject(new Error("asked"));

test("an engine is not asked for the memory of nothing", async () => {
  expect((await memoryOf([{ ...container, isRunning: false }], never)).size).toBe(0);
  expect((await certificatesOf([{ ...container, hasCertificates: false }], never)).size).toBe(0);
});

test("the end of a certificate is that of the first one in its file", () => {
  const [own, issuer] = [certificateFor("memory.example.org", 60), certificateFor("an issuer", 900)];
  const text = `memory.example.org.crt\n${own.cert}${issuer.cert}coda.example.org.crt\n${issuer.cert}`;
  const days = Object.fromEntries(
    Array.from(readCertificates(text), ([host, end]) => [
      host,
      Math.round((Date.parse(end) - Date.now()) / 86_400_000),
    ]),
  );
  expect(days).toEqual({ "memory.example.org": 60, "coda.example.org": 900 });
});

const connector = { ...container, part: "connector", name: "cloudflared" };

test.each([
  [[container], "", undefined],
  [[{ ...connector, isRunning: false }], "", false],
  [[connector], "", true],
  [[connector], "/ready endpoint returned status code 503", false],
  [[connector], "docker ended with exit code 126", undefined],
  [[connector], 'exec: "cloudflared": executable file not found in $PATH: unknown', undefined],
])("the tunnel: %#", async (containers, refusal, expected) => {
  const ask = () => (refusal === "" ? Promise.resolve("") : Promise.reject(new Error(refusal)));
  expect(await tunnelOf(containers, ask)).toBe(expected);
});
