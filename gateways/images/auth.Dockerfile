# The authorization server, which needs no install either.
ARG BASE
FROM ${BASE}
WORKDIR /auth-server
COPY auth-server/ ./
# A new volume inherits the owner of the folder where it is mounted.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
USER node
ENTRYPOINT ["node", "/auth-server/main.js"]
