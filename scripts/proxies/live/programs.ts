/** How each proxy is run for a test: by a user without rights, on free ports, with all its files in a folder of the test. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onPath } from "../../kit/on-path.ts";
import { print } from "../../kit/print.ts";
import type { ProxyName } from "../render.ts";

/** A command line. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A proxy's program. */
export interface Program {
  /** What it is called, wherever it is. */
  readonly name: string;
  /** Debian's package. */
  readonly install: string;
  readonly version: readonly string[];
  /** Writes what it needs besides the rendered file, and says how it is started. */
  readonly start: (folder: string, rendered: string) => Omit<Command, "program">;
}

export const programs: Readonly<Record<ProxyName, Program>> = {
  nginx: {
    name: "nginx",
    install: "apt-get install nginx-light",
    version: ["-v"],
    start: (folder, rendered) => {
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
      const lines = [
        "daemon off;",
        `pid ${folder}/nginx.pid;`,
        "error_log stderr;",
        "events {}",
        "http {",
        ...temporary.map((what) => `${what}_temp_path ${folder}/${what};`),
        `access_log ${folder}/access.log;`,
        `include ${rendered};`,
        "}",
      ];
      writeFileSync(join(folder, "nginx.conf"), lines.join("\n"));
      return { args: ["-e", "stderr", "-p", folder, "-c", join(folder, "nginx.conf")] };
    },
  },
  caddy: {
    name: "caddy",
    install: "apt-get install caddy",
    version: ["version"],
    start: (folder, rendered) => {
      const adapt = ["adapt", "--config", rendered];
      const config = JSON.parse(execFileSync("caddy", adapt, { encoding: "utf8", stdio: "pipe" })) as object;
      // Its administration has one port for all that run.
      writeFileSync(join(folder, "caddy.json"), JSON.stringify({ ...config, admin: { disabled: true } }));
      return { args: ["run", "--config", join(folder, "caddy.json")], env: { XDG_DATA_HOME: folder } };
    },
  },
  haproxy: {
    name: "haproxy",
    install: "apt-get install haproxy",
    version: ["-v"],
    start: (_, rendered) => ({ args: ["-db", "-f", rendered] }),
  },
  apache: {
    name: "apache2",
    install: "apt-get install apache2-bin",
    version: ["-v"],
    start: (folder, rendered) => {
      const lines = [
        ...["mpm_event", "authz_core", "authz_host", "authn_core", "authn_file", "auth_basic", "authz_user"].map(load),
        ...["proxy", "proxy_http", "proxy_balancer", "lbmethod_bybusyness", "slotmem_shm"].map(load),
        ...["env", "headers", "rewrite", "setenvif", "ssl", "http2", "reqtimeout"].map(load),
        `DefaultRuntimeDir ${folder}`,
        `PidFile ${folder}/apache.pid`,
        `ErrorLog ${folder}/error.log`,
        "ServerName localhost",
        `Define APACHE_LOG_DIR ${folder}`,
        `Include ${rendered}`,
      ];
      writeFileSync(join(folder, "httpd.conf"), lines.join("\n"));
      return { args: ["-D", "FOREGROUND", "-d", folder, "-f", join(folder, "httpd.conf")] };
    },
  },
  traefik: {
    name: "traefik",
    install: "its program from its makers: Debian and npm have none",
    version: ["version"],
    start: (_, rendered) => {
      const flags = Array.from(readFileSync(rendered, "utf8").matchAll(/^# {3}(--.*)$/gm), ([, line]) =>
        line!.split(" "),
      );
      const file = "--providers.file.filename=";
      return { args: flags.flat().map((flag) => (flag.startsWith(file) ? file + rendered : flag)) };
    },
  },
};

/** A module of Apache, where Debian has it. */
const load = (module: string) => `LoadModule ${module}_module /usr/lib/apache2/modules/mod_${module}.so`;

/** Its file; undefined where it is not installed. Debian keeps servers where only root's PATH leads. */
export function programOf({ name }: Program): string | undefined {
  return onPath(name) ?? onPath(name, "/usr/sbin:/usr/local/sbin");
}

export const isInstalled = (name: ProxyName): boolean => programOf(programs[name]) !== undefined;

/** Says which version is tested, or why none is. */
export function announce(name: ProxyName): void {
  const file = programOf(programs[name]);
  if (file === undefined) print(`${name} is skipped: ${programs[name].install}`);
  else print(`${name}: ${versionOf(programs[name], file)}`);
}

/** What it says of its version, on one line. */
function versionOf(proxy: Program, file: string): string {
  const said = execFileSync("sh", ["-c", `"$0" "$@" 2>&1`, file, ...proxy.version], { encoding: "utf8" });
  return said.split("\n")[0]!.trim();
}
