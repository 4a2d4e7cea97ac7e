import { mayInOrganization, type MemberRole } from "./permissions.ts";

/** Who changes members: a person of the organization, or an API key, which acts as an admin. */
export interface Actor {
  role: MemberRole;
  siteIds: readonly string[] | null;
}

export const keyActor: Actor = { role: "admin", siteIds: null };

/** Whether somebody may take in, change or remove those who are (or would be) of a role: only an owner makes or unmakes owners. */
export const mayHandle = (actor: Actor, role: MemberRole): boolean =>
  mayInOrganization(actor, role === "owner" ? "owner.make" : "member.change");

/** What each role is for, in the words of the pages and the mails. */
export const roleWords: Record<MemberRole, string> = {
  owner: "everything, also who else is an owner",
  admin: "everything but what is the owners' alone",
  operator: "runs the devices and sees everything",
  viewer: "sees everything and changes nothing",
};
