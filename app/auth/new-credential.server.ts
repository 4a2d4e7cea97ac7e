import { createHash, randomBytes } from "node:crypto";
import { recordRead } from "../../db/audit.ts";
import { sealPassword, type KeptCredential } from "../../db/credentials.ts";
import { credentialBytes, makeCredential, type Credential } from "../../domain/access/credential.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A fresh credential: what its owner is shown once, and what is kept. */
export function newCredential(): { shown: Credential; kept: KeptCredential } {
  const shown = makeCredential(randomBytes(credentialBytes));
  return {
    shown,
    kept: {
      username: shown.username,
      passwordHash: sha256(shown.password),
      tokenHash: sha256(shown.token),
      passwordSealed: sealPassword(shown.username, shown.password),
    },
  };
}

/** Whoever is shown a credential can act as the device: the audit log says so. */
export const recordShown = (
  organizationId: string,
  device: { id: string; name: string },
  { username }: Credential,
): Promise<void> =>
  recordRead(organizationId, {
    ...{ action: "credential.shown", objectType: "device", objectId: device.id, objectName: device.name },
    details: { username },
  });
