import { expect, test } from "vitest";
import { render } from "../../templates/render.ts";
import { ALL, answer, SWITCHES, toldIn } from "../kit/maintenance.ts";
import { answersFor } from "./answers.ts";
import { hostsOf } from "./hosts.ts";

const NOW = new Date("2026-11-30T12:00:00Z");

test("programs are told in JSON-RPC, on one line", () => {
  const { json } = answersFor('Back "soon".\nOr so.', NOW);
  expect(json).not.toContain("\n");
  expect(answer.parse(JSON.parse(json)).error.data).toEqual({
    error: "maintenance",
    since: NOW.toISOString(),
    message: 'Back "soon".\nOr so.',
  });
  expect(toldIn(JSON.parse(json))).toBe('Back "soon".\nOr so. The call has not run. Try again later.');
});

test("without a message both say what is going on", () => {
  const { json, page } = answersFor(undefined, NOW);
  expect(toldIn(JSON.parse(json))).toBe("The service is down for maintenance. The call has not run. Try again later.");
  expect(page).toContain("<p>The service is down for maintenance.</p>");
});

test("what a message says stays text on the page", () => {
  expect(answersFor("<script>alert(1)</script> & more", NOW).page).toContain(
    "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</p>",
  );
});

test.each([undefined, {}, { error: { code: -32001, message: "Session not found", data: { error: "x" } } }])(
  "any other answer is no maintenance: %j",
  (json) => expect(toldIn(json)).toBeUndefined(),
);

test("the proxy looks for the answers where they are written", () => {
  const text = render("nginx/maintenance-location.conf", {}) + render("nginx/maintenance-server.conf", {});
  for (const part of [`${SWITCHES}/${ALL}/`, `${SWITCHES}/$host/`, `root ${SWITCHES};`]) expect(text).toContain(part);
});

const hosts = [
  { host: "memory.example.org", service: "memory" },
  { host: "memory-key.example.org", service: "memory" },
  { host: "coda.example.org", service: "coda" },
];

test("all hosts of a service are meant", () => {
  expect(hostsOf(["memory"], hosts, { where: "there" })).toEqual(["memory.example.org", "memory-key.example.org"]);
  expect(hostsOf([], hosts, { where: "there" })).toEqual([]);
  expect(() => hostsOf(["memry"], hosts, { where: "this machine's Docker" })).toThrow(
    "memry has no host name in this machine's Docker, expected one of memory, coda, did you mean memory?",
  );
});
