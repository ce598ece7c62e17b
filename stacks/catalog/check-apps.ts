/** What can be wrong with apps, besides the values of their options: what contradicts itself, and what reaches whom. */
import { hasOwnNetwork } from "./containers.ts";
import type { AppServer } from "./kinds/app.ts";
import { nearest } from "../../gateways/config/nearest.ts";
import { type Entries, type Entry, isRecord, secretsOf, unexpected } from "./problem.ts";

/** Options of an app() that cannot be set together, or that would have no effect. */
export function appContradictions(entry: Entry, server: Entry): string[] {
  const {
    public: isPublic,
    network,
    secretsAs,
    command,
    monitoring,
    readOnly,
  } = server as { readonly [Option in keyof AppServer]: unknown };
  return [
    ...(network === "own" && isPublic === true
      ? ['network is "own", expected public: false with it: the proxy is not on that network']
      : []),
    ...(isPublic === false && entry["hostname"] !== undefined
      ? [unexpected("hostname", entry["hostname"], "none with public: false")]
      : []),
    ...(monitoring !== undefined && network === "own"
      ? ['network is "own", expected none with monitoring: that has networks of its own']
      : []),
    ...(monitoring !== undefined && readOnly === true
      ? ["readOnly is true, expected false with monitoring: its files could not be written"]
      : []),
    ...((monitoring === "prometheus" || monitoring === "blackbox") && isPublic === true
      ? [`monitoring is "${monitoring}", expected public: false with it: it asks nobody for a login`]
      : []),
    ...(secretsAs === "variables" && secretsOf(entry).length === 0
      ? ['secretsAs is "variables", expected secrets with it']
      : []),
    ...(secretsAs === "variables" && command === undefined
      ? [
          'secretsAs is "variables", expected command with it: the whole command line, because the shell that sets the ' +
            "variables takes the place of the image's ENTRYPOINT",
        ]
      : []),
  ];
}

/** An entry can reach only what has a network of its own: everything else is on the shared one. */
export function reachProblems(entries: Entries): string[] {
  const own = Object.entries(entries).flatMap(([name, entry]) =>
    isRecord(entry) && isRecord(entry["server"]) && hasOwnNetwork({ name, server: entry["server"] as never })
      ? name
      : [],
  );
  return Object.entries(entries).flatMap(([name, entry]) => {
    const reaches = isRecord(entry) && Array.isArray(entry["reaches"]) ? entry["reaches"].map(String) : [];
    const others = own.filter((each) => each !== name);
    const wrong = reaches.filter((each) => !others.includes(each));
    return wrong.map((each) => `${name}: ${unexpected("reaches", each, oneOfOwn(each, others))}`);
  });
}

function oneOfOwn(wrong: string, own: readonly string[]): string {
  const near = nearest(wrong, own);
  return `an app() with network: "own"${near === undefined ? "" : `, as ${near} is`}`;
}
