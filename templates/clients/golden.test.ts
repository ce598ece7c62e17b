/** What is printed for every client. `-u` writes it again; look at the difference before you commit it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clients } from "./clients.ts";
import type { Client } from "./format.ts";
import { render } from "./render.ts";
import { samples, somewhere } from "./samples.ts";

const golden = join(import.meta.dirname, "golden");

test.each(clients)("$id", async (client) => {
  await expect(shown(client)).toMatchFileSnapshot(join(golden, `${client.id}.txt`));
});

test("every golden output is of a client", () => {
  expect(readdirSync(golden).toSorted()).toEqual(clients.map(({ id }) => `${id}.txt`).toSorted());
});

function shown(client: Client): string {
  const of = (name: keyof typeof samples) => {
    const { file, command, text, note } = render(client, [samples[name]], somewhere);
    return [
      `=== ${name}`,
      ...(command === undefined ? [] : [command, "---"]),
      ...(file === undefined ? [] : [file]),
      text,
      ...(note === undefined ? [] : ["---", note]),
    ].join("\n");
  };
  const all = Object.keys(samples) as (keyof typeof samples)[];
  return `${all.map(of).join("\n\n")}\n`;
}
