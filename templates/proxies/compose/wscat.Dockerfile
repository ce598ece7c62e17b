# wscat with the gateway's token in its headers. It reads them from no file, and a token among its arguments would be in the process list.
ARG BASE
FROM ${BASE}
RUN npm install --prefix /wscat --ignore-scripts --no-audit --no-fund wscat@6.1.0 && npm cache clean --force && rm -rf /root/.npm
ENV NODE_PATH=/wscat/node_modules
COPY wscat /usr/local/bin/wscat
USER node
