# A gateway with an MCP server from npm. The gateway itself needs no install.
ARG BASE
FROM ${BASE}
WORKDIR /server
COPY server/ ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force && rm -rf /root/.npm
COPY gateway/ /gateway/
# A new volume inherits the owner of the folder where it is mounted.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
USER node
ENTRYPOINT ["node", "/gateway/main.js"]
