import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient, type Prisma } from "../generated/prisma/client.ts";
import { admittedSites } from "./admission.ts";
import { actorSetting } from "./actor.ts";
import { database, isUuid, reading, transaction, type Sql } from "./client.ts";

export type PrismaTransaction = Prisma.TransactionClient;

const key = Symbol.for("energy.prisma.organization");
const holder = globalThis as { [key]?: PrismaClient };

/**
 * One tenant's context, for SQL: row-level security shows only rows of this organization, and telemetry only through the
 * views. The id comes from a checked membership or API key, never from a request's parameters alone; whoever checked it also
 * said which of its sites may be seen (db/admission.ts), and no row of another site is shown.
 */
export async function asOrganization<T>(organizationId: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  return transaction(database().organization, { organizationId, siteIds: admittedSites(organizationId) }, work);
}

/** The same for what only reads, which is a round trip less. */
export async function readAsOrganization<T>(organizationId: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  return reading(database().organization, { organizationId, siteIds: admittedSites(organizationId) }, work);
}

/** The same context for plain rows through Prisma. Never for telemetry or jobs: those are `asOrganization`. */
export async function prismaAsOrganization<T>(
  organizationId: string,
  work: (tx: PrismaTransaction) => Promise<T>,
): Promise<T> {
  if (!isUuid(organizationId)) throw new Error("not an id: app.organization_id");
  const siteIds = admittedSites(organizationId);
  const prisma = (holder[key] ??= new PrismaClient({
    adapter: new PrismaPg(database().organization),
    // Prisma's own patience (2 s for a connection) makes an error page of a busy moment.
    transactionOptions: { maxWait: 10_000, timeout: 30_000 },
  }));
  return prisma.$transaction(async (tx) => {
    await tx.$executeRaw`select set_config('app.organization_id', ${organizationId}, true),
      set_config('app.site_ids', ${siteIds ? `{${siteIds.join()}}` : ""}, true),
      set_config('app.actor', ${actorSetting() ?? ""}, true)`;
    return work(tx);
  });
}

/** For tests that open and close databases. */
export function forgetPrisma(): void {
  delete holder[key];
}
