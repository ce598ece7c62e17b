/** What a machine says of itself before anything is changed. */
import { packagesInTheWay } from "./docker-steps.ts";

export interface Facts {
  /** "debian", "ubuntu", ... as in /etc/os-release. */
  readonly system: string;
  /** Its version, as in "12" or "24.04". Empty: it has none. */
  readonly version: string;
  /** Its name for people. */
  readonly name: string;
  readonly hasSystemd: boolean;
  /** Who logged in. */
  readonly user: string;
  /** Whether that is root. */
  readonly isRoot: boolean;
  /** Whether root's rights can be had without a password: by root, or by sudo. */
  readonly isAdmin: boolean;
  /** What the processor is called by the system, as in "amd64". */
  readonly architecture: string;
  /** Where the command docker leads. Empty: there is none. */
  readonly docker: string;
  /** What it says of its version, as in "Docker version 20.10.24, build 297e128". */
  readonly dockerVersion: string;
  /** How a running engine stores images, as in "overlay2". */
  readonly store: string;
  /** Packages that installing Docker would remove. */
  readonly inTheWay: readonly string[];
  /** What listens on 80 and 443 and is no container, as in "80 nginx". */
  readonly web: readonly string[];
  /** Containers of a compose project that have names which ours need. */
  readonly taken: readonly string[];
}

/** Containers that have the same name in every deployment. */
const NAMES = ["nginx-proxy", "acme-companion", "cloudflared"] as const;

/** What root finds out, a NAME=value a line. It changes nothing. */
const AS_ROOT = `
docker=$(command -v docker || true)
echo "docker=$(readlink -f "$docker" 2>/dev/null)"
if [ -n "$docker" ]; then
  echo "dockerVersion=$( (dockerd --version || docker --version) 2>/dev/null | head -n 1)"
  echo "store=$(docker info --format '{{.Driver}} {{.DriverStatus}}' 2>/dev/null | head -n 1)"
  for name in ${NAMES.join(" ")}; do
    docker ps -a --filter "name=^/\${name}$" --filter label=com.docker.compose.project --format 'taken={{.Names}}' 2>/dev/null
  done
else
  ${packagesInTheWay} | sed 's/^/inTheWay=/'
fi
ss -Hltnp 2>/dev/null | sed -n 's/.*:\\(80\\|443\\) .*users:(("\\([^"]*\\)".*/web=\\1 \\2/p' | grep -v ' docker-proxy$' | sort -u
true`;

/** sh that prints all of them, as whoever logs in. */
export const FACTS = `
. /etc/os-release 2>/dev/null
echo "system=$ID"
echo "version=$VERSION_ID"
echo "name=\${PRETTY_NAME:-$(uname -sr)}"
[ -d /run/systemd/system ] && echo hasSystemd=yes
echo "user=$(id -un)"
[ "$(id -u)" = 0 ] && echo isRoot=yes
echo "architecture=$(dpkg --print-architecture 2>/dev/null || uname -m)"
if [ "$(id -u)" = 0 ]; then echo isAdmin=yes; as=; elif sudo -n true 2>/dev/null; then echo isAdmin=yes; as="sudo -n"; else exit 0; fi
$as sh <<'GANGWAY'${AS_ROOT}
GANGWAY`;

/** Reads what they print. */
export function readFacts(printed: string): Facts {
  const lines = printed.split("\n").map((line) => line.split(/=(.*)/s, 2) as [string, string?]);
  const all = (name: string) =>
    lines.flatMap(([key, value = ""]) => (key === name && value !== "" ? [value.trim()] : []));
  const one = (name: string) => all(name)[0] ?? "";
  return {
    system: one("system"),
    version: one("version"),
    name: one("name"),
    hasSystemd: one("hasSystemd") === "yes",
    user: one("user"),
    isRoot: one("isRoot") === "yes",
    isAdmin: one("isAdmin") === "yes",
    architecture: one("architecture"),
    docker: one("docker"),
    dockerVersion: one("dockerVersion"),
    store: one("store"),
    inTheWay: all("inTheWay"),
    web: all("web"),
    taken: all("taken"),
  };
}
