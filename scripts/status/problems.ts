/** What is not as it should be, of all places where the project runs. */
import type { DeploymentState } from "./deployment.ts";
import type { Started } from "./started.ts";

/** A place that does not answer. */
export interface Silent {
  readonly environment: string;
  readonly problem: string;
}

/** The document of `gangway status --json`. */
export interface Report {
  /** What `gangway start` runs here. */
  readonly start?: Started | undefined;
  readonly deployments: readonly (DeploymentState | Silent)[];
}

/** What is wrong, in a line each, by the service, the container or the place that it is about; none if all is well. */
export const problemsIn = ({ start, deployments }: Report): ReadonlyMap<string, string> =>
  new Map([
    ...(start?.services ?? [])
      .filter(({ state }) => state === "failed")
      .map(({ name }) => [name, "has failed"] as const),
    ...deployments.flatMap((one) => ("problem" in one ? [silence(one)] : problemsOf(one))),
  ]);

const silence = ({ environment, problem }: Silent) => [environment, `does not answer: ${problem}`] as const;

function problemsOf({ environment, services, others, isTunnelConnected }: DeploymentState) {
  const there = (name: string) => `${name} (${environment})`;
  return [
    ...services
      .filter(({ state }) => state !== "ready" && state !== "needs")
      .map(({ name, state, why }) => [there(name), why === undefined ? state : `${state}: ${why}`] as const),
    ...others.filter(({ isRunning }) => !isRunning).map(({ name }) => [there(name), "does not run"] as const),
    ...(isTunnelConnected === false ? [[there("the tunnel"), "is not connected"] as const] : []),
  ];
}
