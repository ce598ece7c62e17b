import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installed, startGateway, type Gateway } from "./gateway.ts";
import { openV1Person, openV2Person, type Person } from "./people.ts";
import { everything } from "./servers.ts";

const isolations = ["session", "shared"] as const;

describe.skipIf(!installed).each(isolations)(
  "two clients of a server that sends them requests, isolation %s",
  (isolation) => {
    let gateway: Gateway;
    let people: Person[];

    beforeAll(async () => {
      gateway = await startGateway(everything().command, ["--isolation", isolation]);
      people = await Promise.all([openV1Person(gateway.url, "Ada"), openV2Person(gateway.url, "Grace")]);
    });
    afterAll(async () => {
      await Promise.allSettled((people ?? []).map((person) => person.close()));
      await gateway?.stop();
    });

    const eachAtOnce = (ask: (person: Person, turn: number) => Promise<void>) => Promise.all(people.map(ask));

    // Both SDKs count ids and progress tokens from 0: to a child that both share, the two calls look alike.
    test("each sees the progress of its own call, in order, before the result", async () => {
      await eachAtOnce(async (person, turn) => {
        const total = 3 + turn;
        const seen: unknown[] = [];
        const args = { duration: 1, steps: total };
        seen.push(await person.call("trigger-long-running-operation", args, (progress) => seen.push(progress)));
        const steps = Array.from({ length: total }, (_, done) => ({ progress: done + 1, total }));
        expect(seen).toEqual([...steps, expect.stringContaining(`Steps: ${total}`)]);
      });
    });

    // A shared child cannot know which client to ask: only a child per session sends requests.
    if (isolation === "shared") return;

    test("each is asked for its own model's answer", async () => {
      await eachAtOnce(async ({ name, call }) => {
        expect(await call("trigger-sampling-request", { prompt: "who?" })).toContain(`${name} thinks`);
      });
    });

    test("each is asked for its own user's input", async () => {
      await eachAtOnce(async ({ name, call }) => {
        expect(await call("trigger-elicitation-request", {})).toContain(`Name: ${name}`);
      });
    });

    test("each is asked for its own folders", async () => {
      await eachAtOnce(async ({ name, call }) => {
        expect(await call("get-roots-list", {})).toContain(`file:///home/${name}`);
      });
    });
  },
);
