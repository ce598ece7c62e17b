import { expect, test } from "vitest";
import { ancestorsOf, covers } from "./resource-uris.ts";
import { Subscribers, type Subscriber } from "./subscribers.ts";

/** Subscribers that are called `<principal>.<anything>`, each with its uri. */
function subscribersOf(uris: Readonly<Record<string, string>>) {
  const subscribers = new Subscribers<Subscriber & { name: string }>();
  for (const [name, uri] of Object.entries(uris)) {
    subscribers.add(uri, { name, principalId: name.split(".")[0]! });
  }
  return (uri: string) => [...subscribers.concernedBy(uri)].map(({ name }) => name).toSorted();
}

test("a change concerns who has subscribed to the resource, or to one above it", () => {
  const concernedBy = subscribersOf({ ann: "file:///a", bob: "file:///" });
  expect(concernedBy("file:///a")).toEqual(["ann"]);
  expect(concernedBy("file:///b/c")).toEqual(["bob"]);
  expect(concernedBy("other:")).toEqual([]);
});

test("who has subscribed to a prefix does not hear what another principal has asked for", () => {
  const concernedBy = subscribersOf({ ann: "file:///home/ann/secret", eve: "file:///" });
  expect(concernedBy("file:///home/ann/secret")).toEqual(["ann"]);
  expect(concernedBy("file:///home/ann/secret/part")).toEqual(["ann"]);
});

test("a principal hears at its own prefix what it has asked for in another session", () => {
  const concernedBy = subscribersOf({ "ann.1": "file:///a/b", "ann.2": "file:///a", "bob.1": "file:///a/b" });
  expect(concernedBy("file:///a/b")).toEqual(["ann.1", "ann.2", "bob.1"]);
});

test("no subscription is found that does not cover the resource, and none that does is missed", () => {
  const uris = ["a", "a/", "a/b", "a/b/", "a//b", "x:", "x:/", "x://", "x:///", "x:///y", "x:///y/z", "/", "//a"];
  for (const subscribed of uris)
    for (const uri of uris) {
      const found = uri === subscribed || ancestorsOf(uri).includes(subscribed);
      expect([subscribed, uri, found]).toEqual([subscribed, uri, covers(subscribed, uri)]);
    }
});

test("a uri of nothing but slashes is not searched to its end", () => {
  expect(ancestorsOf("/".repeat(65_536)).length).toBeLessThan(200);
});
