import { mostADay, mostWaiting, type InvitationFault } from "../../db/invitations.ts";
import type { MemberFault } from "../../db/members.ts";

/** What is wrong with a change of members or invitations, and what to do. */
export const faultWords: Record<MemberFault | InvitationFault, string> = {
  "not-found": "It is not there any more: somebody else removed it meanwhile.",
  "not-allowed": "Your role does not allow this: only owners make, change and remove owners.",
  "last-owner": "An organization always has an owner: make somebody else an owner first.",
  "no-such-site": "One of these places does not exist any more. Choose again.",
  "owner-sees-all": "Owners see all places: choose another role, or all places.",
  "member-already": "Somebody with this address is a member already.",
  "too-many": `At most ${mostWaiting} invitations wait at once, and at most ${mostADay} are sent in a day: revoke some, or wait.`,
  "too-soon": "They were sent an invitation less than a minute ago. Wait a moment.",
};
