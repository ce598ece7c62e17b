/** Switches maintenance on and off, in the proxy's own volume: nothing is deployed, restarted or reloaded for it. */
import type { Deployment } from "../kit/deployment.ts";
import { ALL, SWITCHES } from "../kit/maintenance.ts";
import type { Answers } from "./answers.ts";

/** Exit code of `ON` in a proxy that an earlier Gangway has deployed. */
const TOO_OLD = "gangway: no switch";

/** A file appears as a whole. $1 and $2 are the two answers, the others whose they are. */
const ON = `grep -q maintenance /etc/nginx/vhost.d/default_location || { echo "${TOO_OLD}" >&2; exit 3; }
set -e; umask 022; page=$1 json=$2; shift 2
for of in "$@"; do
  mkdir -p ${SWITCHES}/"$of"; cd ${SWITCHES}/"$of"
  printf %s "$page" > page.new; mv page.new page.html
  printf '%s\\n' "$json" > answer.new; mv answer.new answer.json
done`;

const OFF = `cd ${SWITCHES} 2>/dev/null || exit 0; rm -rf -- "$@"`;

/**
 * Where it is on already, the answers are replaced.
 * @param hosts none = all services
 * @throws Error when the proxy does not know the switch yet
 */
export async function switchOn(
  proxy: string,
  hosts: readonly string[],
  { page, json }: Answers,
  { ask, stack }: Pick<Deployment, "ask" | "stack">,
): Promise<void> {
  const of = hosts.length === 0 ? [ALL] : hosts;
  await ask(["exec", proxy, "sh", "-c", ON, "sh", page, json, ...of]).catch((error: Error) => {
    if (!error.message.includes(TOO_OLD)) throw error;
    throw new Error(
      `the proxy was deployed by an earlier Gangway, which has no maintenance: npx gangway deploy ${stack}`,
    );
  });
}

/** @param of hosts, and `all` */
export const switchOff = async (
  proxy: string,
  of: readonly string[],
  { ask }: Pick<Deployment, "ask">,
): Promise<void> => void (of.length > 0 && (await ask(["exec", proxy, "sh", "-c", OFF, "sh", ...of])));
