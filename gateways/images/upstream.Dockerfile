# A gateway alone, in front of a server that already speaks HTTP.
ARG BASE
FROM ${BASE}
WORKDIR /server
COPY gateway/ /gateway/
# A new volume inherits the owner of the folder where it is mounted.
ARG VOLUMES
RUN for folder in ${VOLUMES}; do mkdir -p "${folder}" && chown node:node "${folder}"; done
USER node
ENTRYPOINT ["node", "/gateway/main.js"]
