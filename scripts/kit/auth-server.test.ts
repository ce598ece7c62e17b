import { expect, test } from "vitest";
import { authVariables, needNode } from "./auth-server.ts";

test.each(["24.7.0", "24.21.0", "25.0.0", "26.10.0"])("Node %s runs it", (version) => {
  expect(() => needNode(version)).not.toThrow();
});

test.each(["20.19.0", "22.18.0", "24.6.0"])("Node %s is told which one can, and what to do without", (version) => {
  expect(() => needNode(version)).toThrow(
    `logins need Node 24.7 or newer for the authorization server; this is Node ${version}. Start with a newer one, or leave oauth out`,
  );
});

test("it listens on this machine alone, under the name that clients are sent to", () => {
  expect(authVariables({ authPort: 8078, value: () => undefined })).toMatchObject({
    ISSUER: "http://127.0.0.1:8078",
    HOST: "127.0.0.1",
    PORT: "8078",
  });
});
