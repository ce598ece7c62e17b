/** A list in a server's answer, without what its caller is not shown. */
import { GatewayError } from "../../errors.ts";
import { eachElement, stringAt } from "../../json/scan.ts";
import { find, replace } from "../../jsonrpc.ts";

/** Something in a list, as it is written. */
export interface ListedItem {
  /** "" when it has none, which is no tool's. */
  readonly name: string;
  readonly text: string;
}

export interface Filtering {
  /** Whose list it is. */
  readonly service: string;
  /** Reads the whole list first. @default nothing does */
  readonly read?: (items: readonly ListedItem[]) => void;
  readonly keeps: (name: string) => boolean;
}

/**
 * Keeps a part of a list; what stays is as it was written.
 * @param key the list in the result: `tools`
 * @throws GatewayError `bad-answer` when it is no list
 */
export function filteredList(answer: string, key: string, { service, read, keeps }: Filtering): string {
  const list = find(answer, 0, "result", key);
  if (!list) return answer;
  const items: ListedItem[] = [];
  const end = eachElement(answer, list.start, (start, end) =>
    items.push({ name: nameAt(answer, start), text: answer.slice(start, end) }),
  );
  if (end < 0) throw new GatewayError("bad-answer", { service });
  read?.(items);
  const kept = items.filter(({ name }) => keeps(name));
  return kept.length === items.length ? answer : replace(answer, list, `[${kept.map(({ text }) => text).join(",")}]`);
}

function nameAt(text: string, item: number): string {
  const name = find(text, item, "name");
  return name ? stringAt(text, name.start, name.end) : "";
}
