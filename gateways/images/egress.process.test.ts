/** The way out of a server's container, as far as one machine shows it: names, and connections to the Unix sockets behind them. */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { freePort } from "../fixtures/free-port.ts";
import { type AtEnd, until } from "../fixtures/harness.ts";
import { withoutPerl } from "../fixtures/runner.ts";

const program = join(import.meta.dirname, "egress.pl");

/** The program with a folder of its own, and the hosts behind it. */
class Egress {
  readonly #folder = mkdtempSync(join(tmpdir(), "gangway-egress-"));
  readonly #servers: Server[] = [];
  readonly resolver = new Resolver({ timeout: 2000, tries: 1 });
  dnsPort = 0;
  pid = 0;
  log = "";

  async start(atEnd: AtEnd, seconds = 300): Promise<this> {
    this.dnsPort = await freePort();
    const child = spawn("perl", [program, this.#folder, String(this.dnsPort), String(seconds)]);
    this.pid = child.pid!;
    child.stderr.on("data", (chunk) => (this.log += String(chunk)));
    atEnd(async () => {
      child.kill("SIGKILL");
      for (const server of this.#servers) server.close();
      await once(child, "close");
      rmSync(this.#folder, { recursive: true });
    });
    this.resolver.setServers([`127.0.0.1:${this.dnsPort}`]);
    const answers = async () => !(await this.resolves("not.listed").catch(String))?.includes("REFUSED");
    await until("it answers", answers);
    return this;
  }

  /** A host that it lists, and what answers there. @returns its port */
  async list(host: string, serve: (socket: Socket) => void, port?: number): Promise<number> {
    const listed = port ?? (await freePort());
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      serve(socket);
    });
    server.listen(join(this.#folder, `${host}:${listed}`));
    await once(server, "listening");
    this.#servers.push(server);
    return listed;
  }

  resolves = async (name: string): Promise<string> => (await this.resolver.resolve4(name)).join();

  async connect(host: string, port: number): Promise<Socket> {
    const socket = connect({ host: await this.resolves(host), port, allowHalfOpen: true });
    await once(socket, "connect");
    return socket;
  }

  /** What was refused, as it is logged. */
  get refused(): { host?: string; times: number; level: string; msg: string }[] {
    const lines = this.log.split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as { host?: string; times: number; level: string; msg: string });
  }
}

const code = (work: Promise<unknown>) =>
  work.then(
    () => "answered",
    (error: NodeJS.ErrnoException) => error.code,
  );

const whole = async (socket: Socket) => {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** In kB. */
const memoryOf = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);

/** In clock ticks. */
const cpuOf = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
};

const echo = (socket: Socket) => void socket.pipe(socket);

describe.skipIf(withoutPerl !== undefined || process.platform !== "linux")("the way out of a server", () => {
  test("gives each listed name one address of its own, whatever its case, and no other name any", async ({
    onTestFinished,
  }) => {
    const egress = await new Egress().start(onTestFinished);
    await egress.list("api.example.com", echo);
    await egress.list("api.example.com", echo);
    await egress.list("db", echo);
    const [one, same, other] = await Promise.all(
      ["api.example.com", "API.Example.COM", "db"].map((name) => egress.resolves(name)),
    );
    expect(one).toMatch(/^127\.83\.\d+\.\d+$/);
    expect(same).toBe(one);
    expect(other).not.toBe(one);
    for (const name of ["example.com", "evil.example", "xapi.example.com", "api.example.com.lan", "x".repeat(60)])
      expect(await code(egress.resolves(name))).toBe("ENOTFOUND");
  });

  test("a listed name has no other records, which resolvers take for an answer", async ({ onTestFinished }) => {
    const egress = await new Egress().start(onTestFinished);
    await egress.list("api.example.com", echo);
    expect(await code(egress.resolver.resolve6("api.example.com"))).toBe("ENODATA");
    expect(await code(egress.resolver.resolveTxt("api.example.com"))).toBe("ENODATA");
    expect(await code(egress.resolver.resolve6("evil.example"))).toBe("ENOTFOUND");
  });

  test("without any host it says so as a failure, because its proxy may not be up yet", async ({ onTestFinished }) => {
    const egress = await new Egress().start(onTestFinished);
    expect(await code(egress.resolves("api.example.com"))).toBe("ESERVFAIL");
    expect(egress.log).toBe("");
  });

  test("what was refused is logged once a name, and then how often, within bounds", async ({ onTestFinished }) => {
    const egress = await new Egress().start(onTestFinished, 3);
    await egress.list("listed.example", echo);
    const names = Array.from({ length: 60 }, (_, at) => `n${at}.example`);
    for (const name of [...names, ...names]) await code(egress.resolves(name));
    expect(egress.refused).toHaveLength(20);
    expect(egress.refused[0]).toMatchObject({ level: "warn", host: "n0.example", times: 1 });
    await expect.poll(() => egress.refused.length, { timeout: 20_000 }).toBe(41);
    expect(egress.refused.reduce((sum, { times }) => sum + times, 0)).toBe(120);
    expect(egress.refused.at(-1)).toMatchObject({ times: 80 });
  });

  test("no name breaks a line of the log", async ({ onTestFinished }) => {
    const egress = await new Egress().start(onTestFinished);
    await egress.list("listed.example", echo);
    const socket = createSocket("udp4");
    onTestFinished(() => void socket.close());
    const label = '"\n\u001b[31m\\';
    const question = Buffer.concat([
      Buffer.from("abcd01000001000000000000", "hex"),
      Buffer.from([label.length]),
      Buffer.from(label, "latin1"),
      Buffer.from("0000010001", "hex"),
    ]);
    socket.send(question, egress.dnsPort, "127.0.0.1");
    await once(socket, "message");
    expect(egress.refused.map(({ host }) => host)).toEqual(["????31m?"]);
  });

  test("a packet that is not a DNS question gets no answer, and breaks nothing", async ({ onTestFinished }) => {
    const egress = await new Egress().start(onTestFinished);
    await egress.list("listed.example", echo);
    const socket = createSocket("udp4");
    onTestFinished(() => void socket.close());
    let answers = 0;
    socket.on("message", () => answers++);
    const head = "abcd01000001000000000000";
    for (const hex of ["", "ab", "abcd81000001000000000000", head, `${head}3f41`, `${head}c00c00010001`, `${head}00`])
      socket.send(Buffer.from(hex, "hex"), egress.dnsPort, "127.0.0.1");
    expect(await egress.resolves("listed.example")).toMatch(/^127/);
    expect(answers).toBe(0);
  });

  test("passes bytes on, whole and in order, on many connections", async ({ onTestFinished }) => {
    const egress = await new Egress().start(onTestFinished);
    const port = await egress.list("echo.example", echo);
    const sent = Array.from({ length: 100 }, (_, at) => Buffer.alloc(200_000 + at, `${at} `));
    const got = await Promise.all(
      sent.map(async (bytes) => {
        const socket = await egress.connect("echo.example", port);
        socket.end(bytes);
        return whole(socket);
      }),
    );
    expect(got.every((bytes, at) => bytes.equals(sent[at]!))).toBe(true);
  });

  test("keeps a half that is open when the other one has ended, and lets the far side speak first", async ({
    onTestFinished,
  }) => {
    const egress = await new Egress().start(onTestFinished);
    const port = await egress.list("late.example", (socket) => {
      socket.write("first ");
      void whole(socket).then((all) => socket.end(`heard ${String(all)}`));
    });
    const socket = await egress.connect("late.example", port);
    await once(socket, "readable");
    socket.end("everything");
    expect(String(await whole(socket))).toBe("first heard everything");
  });

  test("the port of a name is its own: another one is not open", async ({ onTestFinished }) => {
    const egress = await new Egress().start(onTestFinished);
    const port = await egress.list("one.example", echo);
    await egress.list("two.example", echo, port + 1);
    const address = await egress.resolves("one.example");
    await egress.resolves("two.example");
    expect(await code(once(connect(port + 1, address), "connect"))).toBe("ECONNREFUSED");
  });

  test("a host behind which nothing answers ends the connection", async ({ onTestFinished }) => {
    const egress = await new Egress().start(onTestFinished);
    const port = await egress.list("reset.example", (socket) => socket.destroy());
    const socket = await egress.connect("reset.example", port);
    expect(await code(whole(socket))).toMatch(/^(answered|ECONNRESET)$/);
  });

  test("a slow reader costs no memory", async ({ onTestFinished }) => {
    const egress = await new Egress().start(onTestFinished);
    const block = Buffer.alloc(1_000_000);
    const port = await egress.list("fast.example", (socket) => {
      const more = () => {
        while (socket.write(block) && !socket.destroyed);
      };
      socket.on("drain", more);
      more();
    });
    const before = memoryOf(egress.pid);
    const slow = await Promise.all(Array.from({ length: 20 }, () => egress.connect("fast.example", port)));
    for (const socket of slow) socket.pause();
    await sleep(1500);
    expect(memoryOf(egress.pid) - before).toBeLessThan(8_000);
    const idle = cpuOf(egress.pid);
    await sleep(500);
    expect(cpuOf(egress.pid) - idle).toBeLessThanOrEqual(2); // nothing is asked again and again
    for (const socket of slow) socket.destroy();
  });

  test("more connections than it takes wait, and are served when others have ended", async ({ onTestFinished }) => {
    const egress = await new Egress().start(onTestFinished);
    const port = await egress.list("echo.example", echo);
    const open = await Promise.all(Array.from({ length: 256 }, () => egress.connect("echo.example", port)));
    const late = await egress.connect("echo.example", port);
    late.end("late");
    const answer = whole(late);
    const first = await Promise.race([answer, sleep(500).then(() => "waits")]);
    expect(first).toBe("waits");
    for (const socket of open) socket.destroy();
    expect(String(await answer)).toBe("late");
  });
});
