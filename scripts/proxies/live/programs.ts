/** How each proxy is run for a test: by a user without rights, on free ports, with all its files in a folder of the test. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onPath } from "../../kit/on-path.ts";
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
};

/** Its file; undefined where it is not installed. Debian keeps servers where only root's PATH leads. */
export function programOf({ name }: Program): string | undefined {
  return onPath(name) ?? onPath(name, "/usr/sbin:/usr/local/sbin");
}

/** What it says of its version, on one line. */
export function versionOf(proxy: Program, file: string): string {
  const said = execFileSync("sh", ["-c", `"$0" "$@" 2>&1`, file, ...proxy.version], { encoding: "utf8" });
  return said.split("\n")[0]!.trim();
}
