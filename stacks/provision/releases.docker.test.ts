import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { names, removeDeployment } from "../fixtures/engine.ts";
import { docker } from "./docker.ts";
import { holdPin, markReleased, releasesOf, runningRelease } from "./releases.ts";

const service = "test-releases";
const digest = (number: number) => String(number).padStart(16, "0");
const repository = (of: string) => `localhost/gangway/${of}`;

/** Builds an image that contains only its labels, and creates a container of it that never runs. */
async function build(of: string, part: string, number: number): Promise<string> {
  const tag = `${repository(of)}:${digest(number)}`;
  const labels = `LABEL gangway.part=${part} gangway.service=${service} gangway.release=${digest(number)}`;
  await docker(["build", "--quiet", "--tag", tag, "-"], `FROM scratch\n${labels}\n`);
  const container = `test-releases-${number}-${Math.random().toString(36).slice(2)}`;
  await docker(["create", "--name", container, tag, "nothing"]);
  return container;
}

const at = (hour: number, minute: number) => new Date(Date.UTC(2026, 10, 21, hour, minute));
const pin = (gateway: number, server: number) => ({ gateway: digest(gateway), server: digest(server) });
const tags = (of: string) => names(`images --format {{.Tag}} ${repository(of)}`, /./);

describe.skipIf(inject("lacking") !== "")("the releases of a service", () => {
  let gateway: string;

  beforeAll(async () => {
    await removeDeployment();
    gateway = await build("gateway", "gateway", 90);
  });

  afterAll(removeDeployment);

  test("are ordered by when they passed the gate; images beyond the last three are removed unless they are in use", async () => {
    for (const number of [1, 2, 3, 4, 5]) {
      const container = await build(service, "server", number);
      await markReleased(service, [gateway, container], at(10, number));
      if (number !== 1) await docker(["rm", container]);
    }
    expect(await releasesOf(service)).toEqual(
      [5, 4, 3].map((number) => ({
        tag: expect.any(String),
        pin: pin(90, number),
        released: `20261121T100${number}00Z`,
      })),
    );
    const released = [3, 4, 5].map((number) => `released-20261121T100${number}00Z-${digest(90)}-${digest(number)}`);
    expect(await tags(service)).toEqual([...[1, 3, 4, 5].map(digest), ...released].toSorted());
  });

  test("that are released again count as the newest, once", async () => {
    await docker(["create", "--name", "test-releases-again", `${repository(service)}:${digest(4)}`, "nothing"]);
    await markReleased(service, [gateway, "test-releases-again"], at(11, 4));
    const releases = await releasesOf(service);
    expect(releases.map((each) => each.pin)).toEqual([pin(90, 4), pin(90, 5), pin(90, 3)]);
  });

  test("with another gateway are others, and keep its image", async () => {
    const newer = await build("gateway", "gateway", 91);
    await markReleased(service, [newer, "test-releases-again"], at(12, 0));
    expect((await releasesOf(service))[0]?.pin).toEqual(pin(91, 4));
    expect(await tags("gateway")).toEqual([90, 91].map(digest));
  });

  test("are there as long as both images are, whatever became of their tags; a pin gives them back", async () => {
    await docker(["rmi", "--no-prune", `${repository(service)}:${digest(5)}`]);
    expect((await releasesOf(service)).map((each) => each.pin)).toContainEqual(pin(90, 5));
    expect(await holdPin(service, pin(90, 5))).toEqual([]);
    expect(await tags(service)).toEqual(expect.arrayContaining([digest(5), digest(90)]));
    expect(await holdPin(service, pin(90, 99))).toEqual(["server"]);
  });

  test("what runs is asked of the engine", async () => {
    expect(await runningRelease(service)).toBeUndefined();
  });
});
