# A gateway with a server from this project: the folder that its command names, at the same path as in the project.
ARG BASE
FROM ${BASE}
WORKDIR /server
COPY server/ ./
RUN find . -name package-lock.json -not -path '*/node_modules/*' -execdir npm ci --omit=dev --ignore-scripts --no-audit --no-fund \; \
  && npm cache clean --force && rm -rf /root/.npm
COPY gateway/ /gateway/
# A new volume inherits the owner of the folder where it is mounted.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
USER node
ENTRYPOINT ["node", "/gateway/main.js"]
