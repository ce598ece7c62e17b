# The container of an MCP server from npm. Its gateway has another one.
ARG BASE
FROM ${BASE}
WORKDIR /server
COPY server/ ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force && rm -rf /root/.npm
COPY runner/ /runner/
# A new volume inherits the owner of the folder where it is mounted.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
ARG SERVICE
ARG RELEASE
LABEL gangway.part=server gangway.service=${SERVICE} gangway.release=${RELEASE}
ENV HOME=/home/node
USER node
ENTRYPOINT ["perl", "/runner/runner.pl", "/run/server/socket"]
