#!/usr/bin/env node
/** `npm run lab -- popular [names]`: see servers.ts. It needs npm, uv and a network; one server runs at a time. */
import { printTables, tell } from "../../kit/print.ts";
import { renderTable, right } from "../../kit/table.ts";
import { verb } from "../../kit/verb.ts";
import { tryServer } from "./run.ts";
import { popular } from "./servers.ts";

await verb({
  name: "npm run lab -- popular",
  usage: `npm run lab -- popular [names]\n\nservers: ${popular.map(({ name }) => name).join(", ")}`,
  takesNames: true,
  endsAtOnce: true,
  run: async (_, names) => {
    const rows = [["server", "isolation", right("tools"), right("s"), "outcome"].map(cell)];
    let failed = 0;
    for (const server of popular) {
      if (names.length > 0 && !names.includes(server.name)) continue;
      for (const isolation of ["session", "shared"] as const) {
        const { tools, seconds, note, passed } = await tryServer(server, isolation);
        tell(`${server.name} ${isolation}: ${passed ? "ok" : note}`);
        if (!passed) failed++;
        const outcome = passed ? note : `FAILED ${note}`;
        rows.push([server.name, isolation, right(String(tools)), right(String(seconds)), outcome].map(cell));
      }
    }
    printTables(renderTable(rows).join("\n"));
    return failed === 0 ? 0 : 1;
  },
});

function cell<T extends object>(value: string | T) {
  return typeof value === "string" ? { text: value } : value;
}
