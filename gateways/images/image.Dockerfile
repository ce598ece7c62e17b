# A gateway with a binary from a public image. The binary must not depend on the rest of that image (static, or plain glibc).
ARG BASE
ARG SERVER
FROM ${SERVER} AS server
FROM ${BASE}
ARG PROGRAM
COPY --from=server ${PROGRAM} ${PROGRAM}
WORKDIR /server
COPY gateway/ /gateway/
# A new volume inherits the owner of the folder where it is mounted.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
USER node
ENTRYPOINT ["node", "/gateway/main.js"]
