# A gateway with a server of the project's own: the folder that its command names, at the same place as in the project.
ARG BASE
FROM ${BASE}
WORKDIR /server
COPY server/ ./
RUN find . -name package-lock.json -not -path '*/node_modules/*' -execdir npm ci --omit=dev --ignore-scripts --no-audit --no-fund \; \
  && npm cache clean --force && rm -rf /root/.npm
COPY gateway.mjs /gateway/gateway.mjs
# A fresh volume takes the owner of the folder that it is mounted on.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
USER node
ENTRYPOINT ["node", "/gateway/gateway.mjs"]
