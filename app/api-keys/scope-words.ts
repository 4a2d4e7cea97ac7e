import type { Scope } from "../../domain/access/credential.ts";

/** What each scope opens, in words. */
export const scopeWords: Record<Scope, { title: string; about: string }> = {
  read: { title: "Read", about: "See places, devices, readings, costs" },
  write: { title: "Write", about: "Change places, devices, contracts, corrections" },
  ingest: { title: "Ingest", about: "Send readings for a device" },
  admin: { title: "Admin", about: "Manage the organization and its API keys" },
};
