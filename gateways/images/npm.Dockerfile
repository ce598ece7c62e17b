# A gateway with an MCP server from npm. The gateway itself is one file and needs no install.
ARG BASE
FROM ${BASE}
WORKDIR /server
COPY server/ ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force && rm -rf /root/.npm
COPY gateway.mjs /gateway/gateway.mjs
# A new volume inherits the owner of the folder where it is mounted.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
USER node
ENTRYPOINT ["node", "/gateway/gateway.mjs"]
