import { afterAll, describe, expect, inject, test } from "vitest";
import { names, removeDeployment } from "../fixtures/engine.ts";
import { docker } from "./docker.ts";
import { markReleased, releasesOf } from "./releases.ts";

const service = "test-releases";
const digest = (number: number) => String(number).padStart(16, "0");

/** Builds an image that contains only a number, and creates a container of it that never runs. */
async function build(number: number): Promise<string> {
  const tag = `gangway/${service}:${digest(number)}`;
  await docker(["build", "--quiet", "--tag", tag, "-"], `FROM scratch\nLABEL number=${number}\n`);
  const container = `test-releases-${number}`;
  await docker(["create", "--name", container, tag, "nothing"]);
  return container;
}

const release = async (number: number, hour: number, container: string) =>
  markReleased(service, container, new Date(Date.UTC(2026, 10, 21, hour, number)));

const tags = () => names("images --format {{.Tag}} gangway/test-releases", /./);

describe.skipIf(inject("lacking") !== "")("the releases of a service", () => {
  afterAll(removeDeployment);

  test("are ordered by when they passed the gate; images beyond the last three are removed unless they are in use", async () => {
    const containers: string[] = [];
    for (const number of [1, 2, 3, 4, 5]) {
      containers.push(await build(number));
      await release(number, 10, containers.at(-1)!);
      if (number !== 1) await docker(["rm", containers.at(-1)!]);
    }
    expect((await releasesOf(service)).map((each) => [each.digest, each.released])).toEqual([
      [digest(5), "20261121T100500Z"],
      [digest(4), "20261121T100400Z"],
      [digest(3), "20261121T100300Z"],
      [digest(1), "20261121T100100Z"],
    ]);
    const kept = [1, 3, 4, 5].flatMap((number) => [digest(number), `released-20261121T100${number}00Z`]);
    expect(await tags()).toEqual(kept.toSorted());
  });

  test("that are released again count as the newest, once", async () => {
    await docker(["create", "--name", "test-releases-again", `gangway/${service}:${digest(4)}`, "nothing"]);
    await release(4, 11, "test-releases-again");
    const [newest, second] = await releasesOf(service);
    expect([newest?.digest, second?.digest]).toEqual([digest(4), digest(5)]);
    expect(new Set((await releasesOf(service)).map((each) => each.digest)).size).toBe(4);
  });
});
