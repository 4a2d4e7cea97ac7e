# One image, four commands: start (everything in one), web, ingest, worker. scripts/verify-image.sh runs these steps without Docker.
FROM node:20-bookworm-slim AS base
WORKDIR /srv

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN npm run -s build

FROM base AS modules
COPY package.json package-lock.json .npmrc ./
# @prisma/client may have the Prisma CLI beside it, so npm keeps it; nothing at run time asks for it or for its 200 MB.
RUN npm ci --omit=dev --no-audit --no-fund && npm uninstall --no-save --omit=dev prisma

FROM base AS runtime
ENV NODE_ENV=production
ENV HOST=0.0.0.0
ENV DATA_DIR=/data
RUN mkdir -p /data && chown node:node /data
COPY --from=modules /srv/node_modules ./node_modules
COPY package.json tsconfig.json ./
COPY platform ./platform
COPY domain ./domain
COPY db ./db
COPY prisma/migrations ./prisma/migrations
COPY ingest ./ingest
COPY workers ./workers
COPY app ./app
COPY cli ./cli
COPY --from=build /srv/generated ./generated
COPY --from=build /srv/build ./build
USER node
VOLUME /data
# web, ingest's HTTP, MQTT
EXPOSE 3000 3001 1883
# For start and web; the other commands have their own check where they are deployed (docker-compose.yml, fly.toml).
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "cli/energy.mjs", "start"]
