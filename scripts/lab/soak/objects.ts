/** Counts the objects in a heap snapshot by class: a leak shows in a class long before it shows in memory. */
import { readFileSync } from "node:fs";

interface Snapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: string[]; readonly node_types: [string[]] } };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** How many objects of each class there are. */
export function objectsIn(file: string): Record<string, number> {
  const { snapshot, nodes, strings } = JSON.parse(readFileSync(file, "utf8")) as Snapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, name] = [fields.indexOf("type"), fields.indexOf("name")];
  const object = types[0].indexOf("object");
  const counts = new Map<string, number>();
  for (let node = 0; node < nodes.length; node += fields.length) {
    if (nodes[node + type] !== object) continue;
    const className = strings[nodes[node + name] as number] as string;
    counts.set(className, (counts.get(className) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}
