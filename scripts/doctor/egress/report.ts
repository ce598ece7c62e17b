/** What was refused, for people: each name, how often, and the line of the entry that would allow it. */
import { renderTable, right, wrap } from "../../kit/table.ts";
import type { Refused } from "./check.ts";
import { misled, type Refusal, unlisted } from "./refusals.ts";

/** Whether anything was. */
export const isRefused = ({ hosts, further }: Refused): boolean => hosts.length > 0 || further > 0;

/** The lines to print. */
export function report(all: readonly Refused[]): string[] {
  const some = all.filter(isRefused);
  const others = all.length - some.length;
  const rest = others === 0 ? [] : [`Nothing was refused to ${some.length === 0 ? "" : "the other "}${count(others)}.`];
  return [...some.flatMap((one) => [...ofService(one), ""]), ...rest];
}

const count = (services: number) => (services === 1 ? "1 server" : `${services} servers`);

function ofService(refused: Refused): string[] {
  const [names, others] = [unlisted(refused), misled(refused)];
  return [
    refused.service,
    ...table(names, "not listed"),
    ...table(others),
    ...(refused.further > 0 ? [`  and ${refused.further} times further names, which the log does not have`] : []),
    ...(names.length > 0 ? remedy(refused.service, names) : []),
    ...(others.length > 0 ? wrap(INSIDE, "  ") : []),
  ];
}

const INSIDE =
  "A listed name whose address is inside (private, or a cloud's metadata) is not connected to: whoever answers for the name could " +
  'open this network. A host of your own network needs a name such as nas.lan, or an entry with egress: "any".';

const table = (refusals: readonly Refusal[], what?: string) =>
  renderTable(
    refusals.map(({ host, reason, times, last }) => [
      { text: `  ${host}` },
      right(`${times} ×`),
      { text: last },
      { text: what ?? reason },
    ]),
  );

/** How many names a line to copy has: a hostile server asks for many. */
const MOST = 5;

const remedy = (service: string, names: readonly Refusal[]): string[] =>
  wrap(
    `If ${service} should reach them, add to egress in its entry (a port other than 443 follows after a colon): ` +
      names
        .slice(0, MOST)
        .map(({ host }) => JSON.stringify(host))
        .join(", ") +
      (names.length > MOST ? ", ..." : ""),
    "  ",
  );
