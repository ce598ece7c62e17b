# A gateway with a binary out of a public image. The binary must need nothing else of that image (static, or plain glibc).
ARG BASE
ARG SERVER
FROM ${SERVER} AS server
FROM ${BASE}
ARG PROGRAM
COPY --from=server ${PROGRAM} ${PROGRAM}
WORKDIR /server
COPY gateway.mjs /gateway/gateway.mjs
# A fresh volume takes the owner of the folder that it is mounted on.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
USER node
ENTRYPOINT ["node", "/gateway/gateway.mjs"]
