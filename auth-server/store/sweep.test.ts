import { expect, test } from "vitest";
import { newDatabase } from "../fixtures/new-database.ts";
import { listDocuments } from "./clients.ts";
import { now } from "./database.ts";
import { addGrant } from "./grants.ts";
import { sweep } from "./sweep.ts";

test("whoever publishes any number of metadata documents fills no disk, and those that are in use stay", () => {
  const database = newDatabase();
  const urlOf = (at: number) => `https://client.example/${at}.json`;
  const sql = "INSERT INTO documents (url, body, fetched) VALUES (?, '{}', ?)";
  for (let at = 0; at < 2_500; at++) database.run(sql, urlOf(at), now() - 2_500 + at);
  const of = {
    client: urlOf(0),
    clientName: undefined,
    address: undefined,
    redirectUri: "https://client.example/",
    resource: "x",
  };
  addGrant(database, { id: "grant", account: "ada", ...of, scope: "memory" });
  database.run("INSERT INTO records (model, id, payload) VALUES ('Grant', 'grant', '{}')");
  sweep(database);
  const urls = listDocuments(database).map(({ url }) => url);
  expect(urls).toHaveLength(2_001);
  expect([urls.includes(urlOf(0)), urls.includes(urlOf(1)), urls.includes(urlOf(2_499))]).toEqual([true, false, true]);
});
