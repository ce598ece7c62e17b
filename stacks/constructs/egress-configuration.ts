/** The configuration of the proxy that connects to the hosts which a server may reach. */
import { splitDestination } from "../catalog/destinations.ts";

/** The folder of the sockets, one for each host and port, in the proxy's container and in the server's. */
export const EGRESS_FOLDER = "/run/egress";

/** Nobody's way: this container, the metadata of a cloud (link-local), and what is no address of one machine. */
const never = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"];

/** Addresses behind which a public name has nothing to say: whoever answers for it could open this network. */
const inside = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "192.0.0.0/24", "198.18.0.0/15"];

/** Names that only a network of one's own knows. */
const ownName = /^[^.]+$|\.(corp|home|home\.arpa|internal|intranet|lan|local|localdomain|private|test)$/;

/** HAProxy, because it sees the address of a name before it connects, and so refuses names that lead inside. */
const head = `global
  log stdout format raw daemon
  nbthread 1
  maxconn 300
  hard-stop-after 8s
defaults
  mode tcp
  log global
  log-format '{"level":"%[var(sess.level)]","time":"%[date,utime(%Y-%m-%dT%H:%M:%SZ)]","host":"%[var(sess.host)]","port":%[var(sess.port)],"address":"%[var(sess.address)]","sent":%U,"received":%B,"milliseconds":%Tt,"ended":"%ts","msg":"%[var(sess.msg)]"}'
  timeout connect 10s
  timeout client 2h
  timeout server 2h
  option srvtcpka
resolvers names
  parse-resolv-conf
  hold valid 10s
  hold obsolete 0s
  accepted_payload_size 4096
backend destination
  server destination 0.0.0.0:0
`;

/**
 * What HAProxy reads.
 * @param destinations each "<host>:<port>"
 */
export const egressConfiguration = (destinations: readonly string[]): string =>
  [head, ...destinations.map(frontend)].join("");

const content = (rule: string) => `  tcp-request content ${rule}\n`;

function frontend(destination: string): string {
  const { host, port } = splitDestination(destination);
  const refusedNetworks = [...never, ...(ownName.test(host) ? [] : inside)].join(" ");
  return (
    `frontend ${destination}\n` +
    `  bind unix@${EGRESS_FOLDER}/${destination}\n` +
    "  tcp-request inspect-delay 10s\n" +
    content(`set-var(sess.host) str(${host})`) +
    content(`set-var(sess.port) int(${port})`) +
    content("set-var(sess.level) str(info)") +
    content("set-var(sess.msg) str(connection)") +
    content(`do-resolve(sess.address,names,ipv4) str(${host})`) +
    refusal("unless { var(sess.address) -m found }", "refused: the name has no address") +
    refusal(`if { var(sess.address) -m ip ${refusedNetworks} }`, "refused: the name leads to an address inside") +
    content("set-dst var(sess.address)") +
    content(`set-dst-port int(${port})`) +
    "  default_backend destination\n"
  );
}

const refusal = (when: string, why: string) =>
  content(`set-var(sess.level) str(warn) ${when}`) +
  content(`set-var(sess.msg) str("${why}") ${when}`) +
  content(`reject ${when}`);
