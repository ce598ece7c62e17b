/** The steps of `npm start`. */
import { liveLine } from "../../gateways/live-line.ts";
import { waitingLine } from "../../gateways/screen.ts";
import type { Service } from "../../stacks/catalog/entry.ts";
import { kindOf } from "../../stacks/catalog/kinds/registry.ts";
import { shownCatalog } from "../../stacks/project.ts";
import { folder, shown } from "../kit/folder.ts";
import type { GatewayProcess } from "../kit/gateway-process.ts";
import { type ServiceHealth, settledServices } from "../kit/hub.ts";
import { isTaken } from "../kit/ports.ts";
import { writeMissingLocks } from "../kit/missing-locks.ts";
import { print, printTables, tell } from "../kit/print.ts";
import { progress } from "../kit/progress.ts";
import { claim } from "../kit/running.ts";
import type { AuthServer } from "./auth-server.ts";
import { indent } from "../kit/table.ts";
import { removeContainers } from "./docker.ts";
import { gatewayConfig, gatewayEnvironment, writeConfig } from "./gateway-config.ts";
import { beginLog, lastLines, startGateway, whyEnded } from "./gateway.ts";
import { npmRunner } from "../kit/npm.ts";
import { document, type Entry, settledLines, summary, widthsFor } from "./report.ts";
import { prepareMachine } from "./servers.ts";
import { sandboxNotice } from "./sandbox.ts";
import { readServices } from "./read-services.ts";
import { reloadOnChange } from "./reload.ts";
import { startLogins } from "./start-logins.ts";
import { onStop } from "./stop.ts";

/** What was asked for. */
export interface Asked {
  readonly json: boolean;
  /** Whether each service that waits for something is listed. */
  readonly all: boolean;
  /** @default - all services */
  readonly names: readonly string[];
}

/** Installs, starts, shows and serves. @returns the exit code */
export async function startServices({ json, all, names }: Asked): Promise<number> {
  const { services, settings, checkTokens, unusedAtStart, without, toolsLock, unreviewed } = await readServices(names);
  const hub = `http://127.0.0.1:${settings.hubPort}`;
  const during = progress(json);
  const notices: string[] = [];
  const running = claim(folder.running, { pid: process.pid, hub });
  const stopping = onStop({ alsoWithoutParent: settings.npmProgram !== undefined });
  let authServer: AuthServer | undefined;
  try {
    notices.push(
      ...settings.notices,
      ...checkTokens(services, settings),
      ...unusedAtStart(settings),
      ...without,
      ...unreviewed,
      ...sandboxNotice(services, settings),
    );
    const npm = () => npmRunner(settings.npmProgram, stopping.first);
    const machine = await prepareMachine(services, settings, { npm, during, notice: (line) => notices.push(line) });
    notices.push(...(await writePypiLocks(services, machine.uvx !== undefined, stopping.first)));
    beginLog(folder.log);
    const started = await startLogins(services, settings, { during, signal: stopping.first });
    authServer = started?.server;
    writeConfig(folder.config, gatewayConfig(services, settings, machine, toolsLock));
    const isForeign = await isTaken(settings.hubPort); // then what answers on the port is not our gateway
    if (stopping.first.aborted) return 0;
    const env = gatewayEnvironment(services, settings);
    const onOutput = (line: string) => {
      if (json) return;
      if (stopping.first.aborted && line.startsWith("stopping")) print(`\n  ${line}`);
      else if (isUp && !stopping.first.aborted) print(`  ${line.replace(/^\S*gateway\.json /, `${shownCatalog} `)}`);
    };
    let isUp = false;
    const gateway = startGateway({ config: folder.config, log: folder.log, env, stopping, onOutput });
    const settled = isForeign ? undefined : await settle(hub, gateway, json);
    const isFailure = settled !== undefined && names.length > 0 && settled.every(({ state }) => state === "failed");
    const logins = settled && !isFailure ? await started?.logins() : undefined;
    if (settled && json) print(JSON.stringify(document(settled, hub, logins)));
    else if (settled && !isFailure) {
      const occasion = { entries: services.map(entryOf), hub, log: shown(folder.log), all };
      const lines = summary(settled, { ...occasion, isAsked: settings.bearerTokens.length > 0, logins });
      printTables(indent(["", ...notices, ...lines, ""].join("\n")));
    }
    isUp = true;
    const reload = isFailure
      ? undefined
      : reloadOnChange({ names, env, logins: [...(logins?.services ?? [])], gateway, stopping });
    if (isFailure) gateway.terminate();
    await gateway.ended;
    reload?.stop();
    await removeContainers(machine.docker); // of a gateway that was killed
    if (isFailure && !stopping.first.aborted) throw new Error(nothingUp(names));
    if (stopping.first.aborted) {
      if (!json) print("  stopped");
      return 0;
    }
    if (isForeign) throw new Error(hubTaken(lastLines(gateway, 1)));
    throw new Error(whyEnded(gateway));
  } finally {
    await authServer?.stop();
    running.release();
  }
}

/** Those of npm are written when it installs; uvx needs none to run a server, but an image does. */
async function writePypiLocks(services: readonly Service[], hasUv: boolean, signal: AbortSignal): Promise<string[]> {
  const pypi = hasUv ? services.filter(({ server }) => server.kind === "pypi") : [];
  return writeMissingLocks(pypi, { npm: () => npmRunner(undefined, signal), signal });
}

/** What the summary says of a service besides its health. */
export const entryOf = ({ name, server, keyUrl, probe }: Service): Entry => ({
  name,
  isApp: kindOf(server).role === "app",
  keyUrl,
  probe: probe && { tool: probe.tool, arguments: probe.arguments ?? {} },
});

/** Milliseconds after which a screen on which nothing moves says who still starts. */
const WAITING = [5_000, 15_000, 30_000, 60_000];

/** The services once they have settled, each with a line as it does; undefined if the gateway ends first. */
async function settle(hub: string, gateway: GatewayProcess, json: boolean): Promise<ServiceHealth[] | undefined> {
  const waiting = new AbortController();
  const gone = gateway.ended.then(() => waiting.abort());
  const screen = json ? undefined : showSettling();
  try {
    const health = settledServices(hub, waiting.signal, { onHealth: screen?.take });
    return await Promise.race([health, gone.then(() => undefined)]);
  } catch (error) {
    gateway.terminate();
    throw error;
  } finally {
    screen?.end();
  }
}

/** Prints a line for each service that is up or has failed, once. Those that wait for something are in the summary. */
function showSettling() {
  const since = performance.now();
  const told = new Set<string>();
  let starting: string[] = [];
  liveLine.show(() => `starting ${starting.length === 0 ? "the gateway" : starting.join(", ")}`);
  const timers = WAITING.map((ms) =>
    setTimeout(() => {
      if (!liveLine.isShown && starting.length > 0) tell(waitingLine(starting, ms));
    }, ms).unref(),
  );
  const take = (services: readonly ServiceHealth[]): void => {
    starting = services.filter(({ state }) => state === "starting").map(({ name }) => name);
    const widths = widthsFor(services.filter(({ state }) => state !== "needs"));
    for (const service of services.filter(({ state }) => state === "up" || state === "failed")) {
      if (told.has(service.name)) continue;
      told.add(service.name);
      printTables(indent(settledLines(service, performance.now() - since, widths).join("\n")));
    }
  };
  return {
    take,
    end: () => {
      for (const timer of timers) clearTimeout(timer);
      liveLine.hide();
    },
  };
}

const nothingUp = (names: readonly string[]) =>
  names.length === 1 ? `${names[0]} has not started` : `none of ${names.join(", ")} has started`;

/** How another port is chosen for the hub. */
const hubTaken = (problem: string) =>
  problem.replace(/, or choose (\d+), which is free$/, ", or start on another port: HUB_PORT=$1 npx gangway start");
