# The authorization server, which needs no install either.
ARG BASE
FROM ${BASE}
WORKDIR /auth-server
COPY auth-server/ ./
# A new volume inherits the owner of the folder where it is mounted.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
ARG RELEASE
LABEL gangway.part=auth gangway.release=${RELEASE}
USER node
ENTRYPOINT ["node", "--disable-sigusr1", "/auth-server/main.js"]
