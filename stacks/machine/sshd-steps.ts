/** sshd, so that Terraform gets all its connections. On a machine that exists, nothing about who may log in is touched. */
import { hasContent, type Step, writeFile } from "./step.ts";

/** sshd keeps the first value it reads, and reads this file before the distribution's own. */
const FILE = "/etc/ssh/sshd_config.d/00-gangway.conf";

/** Terraform's Docker provider opens a connection for every request; the default, 10:30:100, would drop some. */
const MANY = "MaxStartups 100:30:200\nMaxSessions 100\n";

/** On a droplet: keys only, on this port. Ubuntu 24.04 listens through a socket unit, and has no /run/sshd until the first login. */
export function sshdOfDroplet(port: number): Step {
  const content = `Port ${port}\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n${MANY}`;
  return {
    what: `let nobody in without a key, on port ${port} (${FILE})`,
    check: hasContent(FILE, content),
    make: [
      writeFile(FILE, content),
      "mkdir -p /run/sshd",
      "sshd -T | grep -qx 'passwordauthentication no'",
      "systemctl daemon-reload",
      "if systemctl is-active -q ssh.socket; then systemctl restart ssh.socket; fi",
      "systemctl restart ssh",
    ].join("\n"),
  };
}

/** sshd is told to read its settings again only when it finds them in order; who is logged in stays so. */
export const sshdOfMachine: Step = {
  what: `let sshd take as many connections as a deploy needs: MaxStartups, MaxSessions (${FILE})`,
  check: `[ ! -x /usr/sbin/sshd ] || /usr/sbin/sshd -T 2>/dev/null | awk '$1 == "maxsessions" { sessions = $2 } $1 == "maxstartups" { startups = $2 + 0 } END { exit !(sessions >= 30 && startups >= 30) }'`,
  make: [
    writeFile(FILE, MANY),
    `if ! /usr/sbin/sshd -t; then rm ${FILE}; exit 1; fi`,
    "systemctl reload ssh 2>/dev/null || systemctl reload sshd",
  ].join("\n"),
  remedy:
    "set `MaxStartups 100:30:200` and `MaxSessions 100` at the top of /etc/ssh/sshd_config there, and run `systemctl reload ssh`",
};
