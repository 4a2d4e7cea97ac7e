import type { InvitationFault } from "../../db/invitations.ts";
import type { MemberFault } from "../../db/members.ts";
import { notFound, Problem } from "./problem.server.ts";

/** Why members or invitations stay as they are. `of`: what was asked for. */
export function accessFault(fault: MemberFault | InvitationFault, of: "member" | "invitation"): Problem {
  switch (fault) {
    case "not-found":
      return notFound(of);
    case "no-such-site":
      return notFound("site");
    case "not-allowed":
      return new Problem(403, "An API key acts as an admin: only an owner makes, changes and removes owners.");
    case "last-owner":
      return new Problem(409, "An organization always has an owner: make somebody else an owner first.");
    case "owner-sees-all":
      return new Problem(409, "An owner sees every site: siteIds must be null.");
    case "member-already":
      return new Problem(409, "Somebody with this address is a member already.");
    case "too-many":
      return new Problem(409, "Too many invitations wait, or were sent today: revoke some, or wait.");
    case "too-soon":
      return new Problem(409, "They were sent an invitation less than a minute ago: wait a moment.");
  }
}
