# A gateway in front of a server that speaks HTTP already: nothing but the gateway.
ARG BASE
FROM ${BASE}
WORKDIR /server
COPY gateway.mjs /gateway/gateway.mjs
# A fresh volume takes the owner of the folder that it is mounted on.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
USER node
ENTRYPOINT ["node", "/gateway/gateway.mjs"]
