/** What a member may do, in one table that the server and the pages both read. */
export const roles = ["owner", "admin", "operator", "viewer"] as const;
export type MemberRole = (typeof roles)[number];

const table = {
  "site.read": ["owner", "admin", "operator", "viewer"],
  "site.create": ["owner", "admin"],
  "site.change": ["owner", "admin"],
  "contract.change": ["owner", "admin"],
  "device.change": ["owner", "admin", "operator"],
  "device.credential": ["owner", "admin", "operator"],
  "device.delete": ["owner", "admin"],
  "channel.change": ["owner", "admin", "operator"],
  "bill.check": ["owner", "admin", "operator"],
  "history.import": ["owner", "admin", "operator"],
  "audit.read": ["owner", "admin"],
  "organization.export": ["owner", "admin"],
  "organization.delete": ["owner"],
} as const satisfies Record<string, readonly MemberRole[]>;

export type Permission = keyof typeof table;

export function may(role: MemberRole, permission: Permission): boolean {
  return (table[permission] as readonly MemberRole[]).includes(role);
}
