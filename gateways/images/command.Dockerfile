# The container of a server from this project: the folder that its command names, at the same path as in the project.
ARG BASE
FROM ${BASE}
WORKDIR /server
COPY server/ ./
RUN find . -name package-lock.json -not -path '*/node_modules/*' -execdir npm ci --omit=dev --ignore-scripts --no-audit --no-fund \; \
  && npm cache clean --force && rm -rf /root/.npm
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
