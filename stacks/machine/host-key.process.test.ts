import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { missingSshServer, type SshServer, startSshServer } from "../fixtures/ssh-server.ts";
import { hostOver } from "../provision/host.ts";
import { sshOptions } from "../provision/ssh.ts";
import { type HostKeyProps, learnHostKey } from "./host-key.ts";

const missing = missingSshServer();
if (missing !== undefined) console.log(`host keys of machines are not tested: ${missing}`);

describe.skipIf(missing !== undefined)("the key of a machine that is not known yet", () => {
  let ssh: SshServer;

  beforeAll(async () => {
    ssh = await startSshServer({});
  });

  afterAll(() => ssh?.remove());

  function contact(changed: Partial<HostKeyProps> = {}) {
    const folder = mkdtempSync(join(tmpdir(), "gangway-known-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "known_hosts");
    const options = sshOptions({ folder, port: ssh.port, keyFile: ssh.keyFile, isKnown: true });
    const machine = { user: "root", host: "127.0.0.1", port: ssh.port };
    const login = () =>
      hostOver(["-o", "ControlPath=none", ...options], "root@127.0.0.1", folder, 20_000)("echo hello");
    return { file, login, learned: learnHostKey({ machine, options, file, ...changed }) };
  }

  /** What a person is shown. */
  async function shown(): Promise<string> {
    let question = "";
    await contact({ ask: async (asked) => ((question = asked), true) }).learned;
    return /SHA256:[\w+/]{43}/.exec(question)?.[0] ?? "";
  }

  test("is shown to a person, and known once that person agrees", async () => {
    const { file, login, learned } = contact({ ask: async () => true });
    await learned;
    expect(readFileSync(file, "utf8")).toMatch(/^\[127\.0\.0\.1\]:\d+ ssh-ed25519 AAAA\S+\n$/);
    expect(await login()).toMatchObject({ code: 0, stdout: "hello" });
  });

  test("is not known when that person does not agree", async () => {
    const { file, login, learned } = contact({ ask: async () => false });
    await expect(learned).rejects.toThrow("its host key was not confirmed");
    expect(existsSync(file)).toBe(false);
    expect((await login()).stderr).toContain("host key is known for");
  });

  test("where nobody can be asked, has to be in the settings, which the error says with the fingerprint", async () => {
    await expect(contact().learned).rejects.toThrow(/nobody is here to say .* set SERVER_HOST_KEY=SHA256:/s);
  });

  test("is the one in the settings, as a fingerprint or as a key", async () => {
    const fingerprint = await shown();
    const { file, learned } = contact({ expected: fingerprint });
    await learned;
    const [, key = ""] = readFileSync(file, "utf8").trim().split(/ (.*)/s);
    for (const expected of [key, `${key} root@box`, `SHA256:${"a".repeat(43)} ${fingerprint}`])
      await contact({ expected }).learned;
  });

  test("that is another one than in the settings is refused, and nobody is asked", async () => {
    for (const expected of [`SHA256:${"a".repeat(43)}`, `ssh-ed25519 AAAA${"b".repeat(64)}`]) {
      const { file, learned } = contact({ expected, ask: () => expect.fail("somebody is asked") });
      await expect(learned).rejects.toThrow("which is not SERVER_HOST_KEY");
      expect(existsSync(file)).toBe(false);
    }
  });

  test("of a machine that does not answer is not asked for", async () => {
    const options = sshOptions({ folder: tmpdir(), port: 1, isKnown: true });
    const { learned } = contact({ options, ask: () => expect.fail("somebody is asked") });
    await expect(learned).rejects.toThrow("cannot be reached over SSH: ssh: connect to host 127.0.0.1 port 1");
  });
});
