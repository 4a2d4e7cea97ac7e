import config from "../../prisma.config.ts";
export default { ...config, schema: "prisma/schema.prisma", migrations: { path: "prisma/migrations" } };
