/** Labels of what we have on a Docker engine, where programs read them that load no constructs. */

/** Tells what is ours on an engine, and of which deployment: a deploy looks for what its state does not know. */
export const DEPLOYMENT_LABEL = "gangway.deployment";

/** Tells what runs for a service from what else runs in an engine: `gangway status` and `gangway logs` look for it. */
export const SERVICE_LABEL = "gangway.service";
