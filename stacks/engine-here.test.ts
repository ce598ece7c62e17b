import { describe, expect, test } from "vitest";
import { engineHere, type Machine } from "./engine-here.ts";

const linux: Machine = { platform: "linux", hostname: "laptop", dockerHost: undefined };
const mac: Machine = { ...linux, platform: "darwin" };

/** A Docker whose context has this endpoint, and whose engine says this of itself. */
const docker =
  (host: string, engine?: object, tls: readonly string[] = []) =>
  (words: readonly string[]) => {
    if (words[0] === "context")
      return Promise.resolve(
        JSON.stringify([
          {
            Endpoints: { docker: { Host: host } },
            TLSMaterial: tls.length > 0 ? { docker: tls } : {},
            Storage: { TLSPath: "/home/ann/.docker/contexts/tls/1f" },
          },
        ]),
      );
    return engine === undefined ? Promise.reject(new Error("no engine")) : Promise.resolve(JSON.stringify(engine));
  };

const rootless = { Name: "laptop", OperatingSystem: "Debian", SecurityOptions: ["name=seccomp", "name=rootless"] };
const rootful = { ...rootless, SecurityOptions: null };
const DEFAULT = "/var/run/docker.sock";

describe("the engine of this machine", () => {
  test("is the default one where nothing is set: Terraform needs to be told nothing", async () => {
    expect(await engineHere(docker("unix:///var/run/docker.sock"), linux)).toEqual({
      environment: {},
      socket: DEFAULT,
    });
  });

  test.each<[what: string, machine: Machine, host: string, engine: object | undefined, socket: string]>([
    ["Colima", mac, "unix:///Users/ann/.colima/default/docker.sock", { ...rootful, Name: "colima" }, DEFAULT],
    ["OrbStack", mac, "unix:///Users/ann/.orbstack/run/docker.sock", rootful, DEFAULT],
    ["Colima on Linux", linux, "unix:///home/ann/.colima/docker.sock", { ...rootful, Name: "colima" }, DEFAULT],
    [
      "Docker Desktop on Linux",
      linux,
      "unix:///home/ann/.docker/desktop/docker.sock",
      { ...rootful, OperatingSystem: "Docker Desktop" },
      DEFAULT,
    ],
    ["rootless", linux, "unix:///run/user/1000/docker.sock", rootless, "/run/user/1000/docker.sock"],
    ["a second engine", linux, "unix:///tmp/other.sock", rootful, "/tmp/other.sock"],
    ["one that does not run now", linux, "unix:///run/user/1000/docker.sock", undefined, "/run/user/1000/docker.sock"],
    ["one on another machine", linux, "tcp://10.0.0.7:2375", rootful, DEFAULT],
    ["one over SSH", linux, "ssh://root@10.0.0.7", rootful, DEFAULT],
    ["Windows", { ...linux, platform: "win32" }, "npipe:////./pipe/docker_engine", rootful, DEFAULT],
  ])("is the context's: %s", async (_, machine, host, engine, socket) => {
    expect(await engineHere(docker(host, engine), machine)).toEqual({
      host,
      environment: { DOCKER_HOST: host },
      socket,
    });
  });

  test("over TLS has the certificates of its context", async () => {
    const certificates = "/home/ann/.docker/contexts/tls/1f/docker";
    const host = "tcp://10.0.0.7:2376";
    expect(await engineHere(docker(host, rootful, ["ca.pem", "cert.pem", "key.pem"]), linux)).toEqual({
      host,
      certificates,
      environment: { DOCKER_HOST: host, DOCKER_CERT_PATH: certificates, DOCKER_TLS_VERIFY: "1" },
      socket: DEFAULT,
    });
  });

  test.each([
    [undefined, undefined],
    ["unix:///tmp/other.sock", "unix:///tmp/other.sock"],
  ])("without Docker's command line is the one that DOCKER_HOST names: %s", async (dockerHost, host) => {
    const engine = await engineHere(() => Promise.reject(new Error("ENOENT")), { ...linux, dockerHost });
    expect(engine.host).toBe(host);
  });
});
