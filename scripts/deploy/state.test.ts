import { describe, expect, test } from "vitest";
import { stateAdvice } from "./state.ts";

const at = { stack: "services", bucket: "states", endpoint: "https://s3.example.org" };
const advice = (said: string) => stateAdvice(said, at, "tofu");

const locked = `local  ╷
       │ Error: Error acquiring the state lock
       │
       │ Error message: operation error S3: PutObject, https response error
       │ StatusCode: 412, RequestID: 18EA00EF6736CE1D, api error
       │ PreconditionFailed: At least one of the pre-conditions you specified did not
       │ hold
       │ Lock Info:
       │   ID:        04c3ef76-7f0e-459c-fd25-b82e33345f5f
       │   Path:      states/gangway/services.tfstate
       │   Operation: OperationTypeApply
       │   Who:       ann@laptop
       │   Version:   1.11.4
       │   Created:   2026-11-21 08:07:08.787425924 +0000 UTC
       │   Info:
       ╵`;

const s3 = (status: number, why: string) =>
  `│ Error: Failed to get existing workspaces: operation error S3:\n│ ListObjectsV2, https response error StatusCode: ${status}, ${why}`;

describe("advice for a state that cannot be used:", () => {
  test("a lock: who holds it, and how to remove a dead one", () => {
    expect(advice(locked)).toBe(
      "the state of services is locked: ann@laptop has been deploying it since 2026-11-21 08:07 UTC. Wait until that deploy has finished. " +
        "Only if it was killed and none is running: " +
        "tofu -chdir=cdktf.out/stacks/services force-unlock 04c3ef76-7f0e-459c-fd25-b82e33345f5f",
    );
  });

  test("a registry that cannot be reached: what to do comes first, then what was said", () => {
    const said =
      "│ Error: Failed to query available provider packages\n│ Could not retrieve the list of available versions for provider kreuzwerker/docker:\n" +
      "│ could not connect to registry.terraform.io: failed to request discovery document: dial tcp: lookup registry.terraform.io: no such host";
    expect(advice(said)).toMatch(/^tofu cannot reach the registry .*HTTPS_PROXY[^]*dial tcp: lookup registry/);
  });

  test.each([
    ["│ Error: Saved plan is stale", "somebody has deployed services since it was planned: deploy again"],
    [
      "│ the backend configuration\n│ could\n│ not be decoded",
      "rm -rf cdktf.out/stacks/services/.terraform, and deploy again",
    ],
    ["│ Error: Backend configuration changed", "npx gangway deploy --migrate-state services takes it along"],
    [s3(403, "api error SignatureDoesNotMatch"), "the state bucket states at https://s3.example.org refuses this key"],
    ["│ Error: No valid credential sources found", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"],
    [s3(404, "NoSuchBucket:"), "does not exist: create it, or correct STATE_BUCKET"],
    [s3(0, "connect: connection refused"), "does not answer: correct STATE_ENDPOINT"],
  ])("%s", (said, expected) => {
    expect(advice(said)).toContain(expected);
  });

  test("any other failure gets no advice", () => {
    expect(advice("Error: container failed to be in healthy state")).toBeUndefined();
  });
});
