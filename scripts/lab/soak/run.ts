/** The run: warm-up, measure, traffic, measure, end. */
import { MODERN } from "../../kit/mcp/messages.ts";
import { hasProc } from "../../kit/processes.ts";
import { type Ending, SoakedGateway } from "./gateway.ts";
import { judgeTraffic } from "./judge-traffic.ts";
import { judgeEnd, judgeGrowth } from "./judge.ts";
import { measureIdle, type Measurement } from "./measure.ts";
import type { Options } from "./options.ts";
import { Progress } from "./progress.ts";
import type { Result } from "./report.ts";
import { fillCache, hasServer } from "./server.ts";
import { setups } from "./setups.ts";
import { Traffic } from "./traffic.ts";
import { tell } from "../../kit/print.ts";

/** The share of the traffic that is not judged: after it, everything that is loaded once and kept is there. */
const WARM_UP = 1 / 4;

/** @param folder for files of the run; they are deleted with it */
export async function run({ minutes, seed }: Options, folder: string): Promise<Result[]> {
  const runnable = setups.filter(hasServer);
  for (const setup of runnable) fillCache(setup, folder);
  const gateways = await Promise.all(runnable.map((setup) => SoakedGateway.start(setup, folder)));
  const traffic = await Promise.all(gateways.map((gateway) => Traffic.to(gateway, seed)));
  const { during } = new Progress(traffic);
  const make = (ms: number) => () => Promise.all(traffic.map((each) => each.until(Date.now() + ms)));
  const measure = () => Promise.all(gateways.map((gateway) => measureIdle(gateway, folder)));
  const [warmUp, judged] = [minutes * 60_000 * WARM_UP, minutes * 60_000 * (1 - WARM_UP)];

  sayWhatIsLeftOut(traffic);
  await during("warm-up", warmUp, make(warmUp));
  const before = await during("settling", undefined, measure);
  await during("traffic", judged, make(judged));
  const after = await during("settling", undefined, measure);
  const endings = await during("ending", undefined, () => Promise.all(gateways.map((gateway) => gateway.stop())));
  return traffic.map((each, index) => resultOf(each, before[index]!, after[index]!, endings[index]!));
}

function resultOf(traffic: Traffic, before: Measurement, after: Measurement, ending: Ending): Result {
  const { gateway, counts, speaksModern } = traffic;
  const { setup, complaints } = gateway;
  const findings = [...judgeGrowth(before, after), ...judgeEnd(ending, complaints), ...judgeTraffic(counts)];
  return { gateway: setup.name, before, after, ending, traffic: counts, speaksModern, findings };
}

function sayWhatIsLeftOut(traffic: readonly Traffic[]): void {
  if (traffic.some(({ speaksModern }) => !speaksModern))
    say(`the traffic of ${MODERN}, which the gateway does not speak`);
  if (traffic.length < setups.length) say("a gateway whose server is not in gateways/fixtures");
  if (!hasProc) say(`a look at processes and open files, which only Linux allows`);
}

const say = (what: string) => tell(`left out: ${what}`);
