/** The last lines of a server's stderr are logged without the service's secrets. */
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";

const env = { API_TOKEN: "s3cr3t-value", DB_PASSWORD: "hunter22", REGION: "fra1" };

/** A server that is a shell script. */
const shell = (script: string) =>
  ({ kind: "stdio", command: "sh", args: ["-c", script], env, cwd: undefined }) as const;

test("values of secret variables are replaced in the log, other values are not", async ({ start }) => {
  const script = 'echo "connect failed: region=$REGION token=$API_TOKEN, $DB_PASSWORD" >&2; exit 1';
  const { log } = await start({ service: { server: shell(script) } });
  await until("it has been logged", () => log.some((line) => line.includes("connect failed")));
  expect(log.join("")).toContain("region=fra1 token=[API_TOKEN], [DB_PASSWORD]");
  expect(log.join("")).not.toMatch(/s3cr3t-value|hunter22/);
});

test("a secret that comes in two chunks is replaced in lastStderr too", async ({ start }) => {
  const script = 'printf "token=s3cr3t" >&2; sleep 0.3; printf -- "-value it was" >&2; exit 1';
  const { log } = await start({ service: { server: shell(script) } });
  await until("it has been logged", () => log.some((line) => /lastStderr.*it was/.test(line)));
  expect(log.join("")).not.toContain("s3cr3t-value");
});
