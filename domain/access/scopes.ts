import type { Scope } from "./credential.ts";
import type { Permission } from "./permissions.ts";

/**
 * What a program may do: every permission of a member belongs to exactly one scope of an API key. One that is named nowhere
 * here needs `admin`, so a new permission is not given away by an oversight.
 */
const table: Partial<Record<Permission, Scope>> = {
  "site.read": "read",
  "site.create": "write",
  "site.change": "write",
  "contract.change": "write",
  "device.change": "write",
  "device.credential": "write",
  "device.delete": "write",
  "channel.change": "write",
  "bill.check": "write",
  "history.import": "write",
};

/** The scope that a permission needs. */
export const scopeFor = (permission: Permission): Scope => table[permission] ?? "admin";
