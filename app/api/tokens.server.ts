import { issueAccessToken } from "../../db/access-tokens.ts";
import { countToken } from "../auth/throttle.server.ts";
import { operation } from "./operation.server.ts";
import { Problem } from "./problem.server.ts";
import { z } from "./zod.server.ts";

/** The members are those of RFC 6749, 5.1, which client libraries read. */
const TokenSchema = z
  .object({
    access_token: z.string().openapi({ description: "A JSON Web Token, signed with EdDSA" }),
    token_type: z.literal("Bearer"),
    expires_in: z.number().int().openapi({ description: "Seconds" }),
    scope: z.string().openapi({ description: "The key's scopes, with spaces between" }),
  })
  .openapi("AccessToken");

export const tokenOperations = [
  operation({
    id: "createToken",
    method: "POST",
    path: "/token",
    tag: "Access",
    summary: "Trade an API key for an access token of 15 minutes",
    description:
      "Send the API key as the bearer. The token stands for its key: it opens what the key opens, and nothing once the key is revoked. Others can verify it with the keys at `/.well-known/jwks.json`.",
    permission: null,
    response: TokenSchema,
    async handle({ caller }) {
      if (caller.isToken) {
        throw new Problem(403, "An access token cannot be traded for another: send the API key.");
      }
      const waitS = await countToken(caller.id);
      if (waitS > 0) {
        throw new Problem(429, `Too many access tokens for this API key, each holds for 15 minutes: wait ${waitS} s.`, {
          headers: { "retry-after": String(waitS) },
        });
      }
      const { token, expiresInS } = await issueAccessToken(caller);
      return {
        access_token: token,
        token_type: "Bearer" as const,
        expires_in: expiresInS,
        scope: caller.scopes.join(" "),
      };
    },
  }),
];
