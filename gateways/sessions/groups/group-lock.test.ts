/** Which gateway gets the serial locks of a group's members: one gets all of them, whoever asks for which one first. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { randomNumbers } from "../../fixtures/random.ts";
import { SerialLock } from "../replicas/serial-lock.ts";
import { GroupLock } from "./group-lock.ts";

const GATEWAYS = ["one", "two", "three"];
const MEMBERS = ["a", "b", "c"];
/** As they are written: not in the order of the names. */
const GROUPS: Readonly<Record<string, readonly string[]>> = { first: ["b", "a"], second: ["c", "b"] };

/** A gateway's own locks, by member, and those of its groups. */
interface Locks {
  readonly own: ReadonlyMap<string, SerialLock>;
  readonly groups: readonly GroupLock[];
}

/** Gateways that start at once, so that each may get the lock of another member. */
function startAll(random: (below: number) => number): Locks[] {
  const folder = mkdtempSync(join(tmpdir(), "locks-"));
  const holders = new Map<string, string>();
  const made = new Map(GATEWAYS.map((gateway) => [gateway, new Map<string, SerialLock>()]));
  const starts = GATEWAYS.flatMap((gateway) => MEMBERS.map((member) => ({ gateway, member })));
  for (const { gateway, member } of shuffled(starts, random)) {
    const store = {
      lockHolder: async () => holders.get(member),
      setLockHolder: async (address: string) => void holders.set(member, address),
    };
    const lock = new SerialLock(join(folder, member), { store, address: () => `${gateway}:1/${member}` });
    made.get(gateway)!.set(member, lock);
  }
  return [...made.values()].map((own) => ({ own, groups: groupsOf(own) }));
}

function groupsOf(own: ReadonlyMap<string, SerialLock>): GroupLock[] {
  return Object.entries(GROUPS).map(([name, members]) => {
    return new GroupLock(name, new Map(members.map((member) => [member, own.get(member)!])));
  });
}

function shuffled<Of>(list: readonly Of[], random: (below: number) => number): Of[] {
  const left = [...list];
  return list.map(() => left.splice(random(left.length), 1)[0]!);
}

/** All ask for all, at once. @returns those that hold any lock */
async function holders(gateways: readonly Locks[], random: (below: number) => number): Promise<Locks[]> {
  const all = gateways.flatMap(({ own, groups }) => [...own.values(), ...groups]);
  await Promise.all(shuffled(all, random).map((lock) => lock.take()));
  return gateways.filter(({ own }) => [...own.values()].some(({ held }) => held));
}

for (let seed = 1; seed <= 20; seed++) {
  test(`gateways that start and end at once never share a group's locks, seed ${seed}`, async () => {
    const random = randomNumbers(seed);
    let left = startAll(random);
    while (left.length > 0) {
      const [holder, ...others] = await holders(left, random);
      expect(others).toEqual([]);
      for (const { held } of [...holder!.own.values(), ...holder!.groups]) expect(held).toBe(true);
      for (const lock of shuffled([...holder!.own.values()], random)) lock.close();
      left = left.filter((gateway) => gateway !== holder);
    }
  });
}

test("a gateway without a group's locks knows who has them", async () => {
  const random = randomNumbers(1);
  const gateways = startAll(random);
  const [holder] = await holders(gateways, random);
  for (const lock of holder!.own.values()) await lock.ready();
  const name = GATEWAYS[gateways.indexOf(holder!)];
  for (const { groups } of gateways.filter((gateway) => gateway !== holder)) {
    expect(await Promise.all(groups.map((group) => group.otherHolder()))).toEqual([
      `${name}:1/first`,
      `${name}:1/second`,
    ]);
  }
  for (const { own } of gateways) for (const lock of own.values()) lock.close();
});
