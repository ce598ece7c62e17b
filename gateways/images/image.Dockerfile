# The container of a binary from a public image. The binary must not depend on the rest of that image (static, or plain glibc).
ARG BASE
ARG SERVER
FROM ${SERVER} AS server
FROM ${BASE}
ARG PROGRAM
COPY --from=server ${PROGRAM} ${PROGRAM}
WORKDIR /server
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
