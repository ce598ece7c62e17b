import { expect, test } from "vitest";
import { needsPinned } from "./pinned.ts";

const pin = { gateway: "0123456789abcdef", server: "fedcba9876543210" };

test("a pinned release whose images are there is no hindrance, and what another engine has is not looked for", async () => {
  const asked: string[] = [];
  const hold = async (service: string) => {
    asked.push(service);
    return [];
  };
  await needsPinned({ local: { memory: pin }, services: { own: pin } }, hold);
  expect(asked).toEqual(["memory"]);
  await needsPinned({}, hold);
});

test("one whose image is gone is named, with the way out", async () => {
  await expect(needsPinned({ local: { memory: pin } }, async () => ["server"])).rejects.toThrow(
    /^memory is pinned to an earlier release whose image \(server\) is not on .*: npx gangway rollback --release memory$/,
  );
});
