/** Docker's volumes on the block volume of a droplet, so that they outlive it. */
import { fileStep, quoted, type Step } from "./step.ts";

/** @param device a block device with a file system */
export const volumeSteps = (device: string): readonly Step[] => [
  {
    what: "wait for the volume",
    check: `[ -b ${device} ]`,
    make: `timeout 120 sh -c 'until [ -b ${device} ]; do sleep 1; done'`,
  },
  {
    what: "mount the volume at every boot (/etc/fstab)",
    check: `grep -qF ${quoted(device)} /etc/fstab`,
    make: `printf %s ${quoted(mountsOf(device))} >> /etc/fstab`,
  },
  // Without this mount, Docker would start the services on empty volumes.
  fileStep(
    "keep Docker from starting without the volume",
    "/etc/systemd/system/docker.service.d/volumes.conf",
    "[Unit]\nRequiresMountsFor=/var/lib/docker/volumes\n",
  ),
  {
    what: "mount the volume",
    check: "mountpoint -q /srv/gangway && mountpoint -q /var/lib/docker/volumes",
    make: [
      "mkdir -p /srv/gangway /var/lib/docker/volumes",
      "systemctl daemon-reload",
      "mountpoint -q /srv/gangway || mount /srv/gangway",
      "install -d -m 0701 /srv/gangway/volumes",
      "mountpoint -q /var/lib/docker/volumes || mount /var/lib/docker/volumes",
    ].join("\n"),
  },
];

/** The file system grows with its volume at the next boot. */
const mountsOf = (device: string) =>
  `${device} /srv/gangway ext4 defaults,nofail,discard,noatime,x-systemd.growfs 0 2\n` +
  "/srv/gangway/volumes /var/lib/docker/volumes none bind,nofail,x-systemd.requires-mounts-for=/srv/gangway 0 0\n";
