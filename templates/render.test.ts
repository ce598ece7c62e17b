import { expect, test } from "vitest";
import { render } from "./render.ts";

const values = { sshPort: 22, device: "/dev/disk/by-id/scsi-0DO_Volume_gangway" };

test("every place of a template is filled in", () => {
  const text = render("cloud-init/user-data.yaml", values);
  expect(text).toContain("      Port 22\n");
  expect(text).toContain(`      ${values.device} /srv/gangway ext4`);
  expect(text).not.toMatch(/\{\{|\}\}/);
});

test("a place without a value is told by its name", () => {
  expect(() => render("cloud-init/user-data.yaml", { sshPort: 22 })).toThrow(
    "templates/cloud-init/user-data.yaml wants a value for device, and was given none",
  );
});

test("a value without a place is told by its name", () => {
  expect(() => render("cloud-init/user-data.yaml", { ...values, region: "fra1" })).toThrow("no place for region");
});

test("a value cannot add lines of its own", () => {
  expect(() => render("cloud-init/user-data.yaml", { ...values, sshPort: "22\nruncmd: [reboot]" })).toThrow(
    "line break",
  );
});
