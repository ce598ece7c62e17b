# A gateway with an MCP server from PyPI: exactly what its lockfile names, by hash.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv && rm -rf /var/lib/apt/lists/*
WORKDIR /server
COPY server/ ./
RUN python3 -m venv /server/venv \
  && /server/venv/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements.txt
COPY gateway.mjs /gateway/gateway.mjs
# A fresh volume takes the owner of the folder that it is mounted on.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
USER node
ENTRYPOINT ["node", "/gateway/gateway.mjs"]
