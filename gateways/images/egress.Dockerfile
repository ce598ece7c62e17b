# The proxy that connects servers to the hosts that their entries list. Its configuration is in CONFIG.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/*
ARG RELEASE
LABEL gangway.part=egress gangway.release=${RELEASE}
USER node
# A socket that an earlier configuration has left would go on having a name.
ENTRYPOINT ["sh", "-c", "rm -f /run/egress/* && printf '%s\\n' \"$CONFIG\" >/tmp/egress.cfg && exec haproxy -f /tmp/egress.cfg"]
