import type { MemberRole } from "../../domain/access/permissions.ts";

export const roleNames: Record<MemberRole, string> = {
  owner: "Owner",
  admin: "Admin",
  operator: "Operator",
  viewer: "Viewer",
};
