import { asSystem, systemPool } from "./as-system.ts";

/** A credential as an external broker is to know it; of revoked ones and deleted devices there is none. */
export interface BrokerCredential {
  credentialId: string;
  deviceId: string;
  username: string;
  /** See db/seal.ts; null: made before passwords were kept. */
  passwordSealed: string | null;
}

/** Every credential that may log in now, of all organizations, in order of user name. */
export async function brokerCredentials(): Promise<BrokerCredential[]> {
  const { rows } = await systemPool().query<BrokerCredential>(
    `select c.id as "credentialId", c.device_id as "deviceId", c.username, c.password_sealed as "passwordSealed"
     from energy.credentials c join energy.devices d on d.id = c.device_id
     where c.revoked_at is null and d.deleted_at is null order by c.username`,
  );
  return rows;
}

/** Runs `work` while no other process of this installation brings the broker's credentials in step. */
export async function inTurnAtTheBroker<T>(work: () => Promise<T>): Promise<T> {
  return asSystem(async (sql) => {
    await sql.query("select pg_advisory_xact_lock(hashtext('broker credentials'))");
    return work();
  });
}
