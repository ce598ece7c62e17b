# A gateway alone: its server runs in a container of its own, or elsewhere.
ARG BASE
FROM ${BASE}
WORKDIR /gateway
COPY gateway/ ./
# A new volume inherits the owner of the folder where it is mounted.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
ARG RELEASE
LABEL gangway.part=gateway gangway.release=${RELEASE}
USER node
# No signal opens a debugger.
ENTRYPOINT ["node", "--disable-sigusr1", "/gateway/main.js"]
