# The container of an MCP server from PyPI, installed by the hashes of its lockfile. Its gateway has another one.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv && rm -rf /var/lib/apt/lists/*
WORKDIR /server
COPY server/ ./
RUN python3 -m venv /server/venv \
  && /server/venv/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements.txt
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
