# A gateway with its servers, in one image: each npm package and each folder of the project is installed by its own lockfile.
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
