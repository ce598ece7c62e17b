/** What to do when Terraform cannot use a state: its own messages are long and do not name our commands. */

/** A state: the stack it belongs to and, if it is kept in a bucket, where. */
export interface StateOf {
  readonly stack: string;
  readonly bucket?: string | undefined;
  readonly endpoint?: string | undefined;
}

/**
 * One line of advice; undefined when the failure has another cause.
 * @param said what Terraform or OpenTofu wrote
 * @param program its name on the PATH
 */
export function stateAdvice(said: string, { stack, bucket, endpoint }: StateOf, program: string): string | undefined {
  const text = said.replaceAll(/[│╷╵\s]+/g, " ");
  const where = `the state bucket ${bucket} at ${endpoint}`;
  if (text.includes("Error acquiring the state lock")) return lockAdvice(text, stack, program);
  if (text.includes("Saved plan is stale")) return `somebody has deployed ${stack} since it was planned: deploy again`;
  if (text.includes("could not be decoded"))
    // Terraform and OpenTofu record the place of a state differently
    return `${stack} was last deployed by another program than ${program}: rm -rf cdktf.out/stacks/${stack}/.terraform, and deploy again`;
  if (text.includes("Backend configuration changed"))
    return (
      `the state of ${stack} was kept somewhere else until now: npx gangway deploy --migrate-state ${stack} takes it along ` +
      "to where STATE_BUCKET and STATE_ENDPOINT point (or, without them, to .gangway/state) and replaces any state there; if " +
      "the state should stay where it was, correct these settings instead"
    );
  if (/No valid credential sources|operation error S3.*StatusCode: 403/.test(text))
    return `${where} refuses this key: expected one in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY that may list, read and write there`;
  if (text.includes("NoSuchBucket")) return `${where} does not exist: create it, or correct STATE_BUCKET`;
  if (/operation error S3.*StatusCode: 0/.test(text))
    return `${where} does not answer: correct STATE_ENDPOINT, or try again`;
  if (
    /registry\.(terraform\.io|opentofu\.org)/.test(text) &&
    /(connect|lookup|resolve|timeout|timed out|refused|unreachable|no such host|EOF|Client\.Timeout|service discovery)/i.test(
      text,
    )
  )
    return (
      `${program} cannot reach the registry that its providers come from. Check the network and the proxy of this machine (HTTPS_PROXY), or ` +
      `point ${program} at a mirror (provider_installation in ~/.terraformrc); what it said:\n${said.trim()}`
    );
  return undefined;
}

function lockAdvice(text: string, stack: string, program: string): string {
  const of = (field: string) => new RegExp(`\\b${field}: +(\\S+)`).exec(text)?.[1] ?? "?";
  return (
    `the state of ${stack} is locked: ${of("Who")} has been deploying it since ${/Created: +(\S+ \d+:\d+)/.exec(text)?.[1] ?? "?"} UTC. ` +
    "Wait until that deploy has finished. Only if it was killed and none is running: " +
    `${program} -chdir=cdktf.out/stacks/${stack} force-unlock ${of("ID")}`
  );
}
