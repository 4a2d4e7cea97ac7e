import { findLogin } from "../../db/accounts.ts";
import { isPassword } from "../auth/password.server.ts";
import { countTry, forgive, waitInWords } from "../auth/throttle.server.ts";

export interface DeletionFaults {
  name?: string;
  password?: string;
}

/**
 * Whether a person means it, and is the one who is signed in: the organization's name typed, and their password, which is throttled
 * as a login is.
 */
export async function deletionFaults(
  form: FormData,
  { organization, user }: { organization: string; user: { email: string } },
  address: string,
): Promise<{ faults: DeletionFaults | null; status: number }> {
  if (String(form.get("name") ?? "").trim() !== organization) {
    return { faults: { name: `Type its name as it is: ${organization}` }, status: 400 };
  }
  const waitS = await countTry(user.email, address);
  if (waitS > 0) {
    return { faults: { password: `Too many tries. Wait ${waitInWords(waitS)}, then try again.` }, status: 429 };
  }
  const login = await findLogin(user.email);
  if (!(await isPassword(String(form.get("password") ?? ""), login?.passwordHash ?? null))) {
    return { faults: { password: "This is not your password." }, status: 400 };
  }
  await forgive(user.email, address);
  return { faults: null, status: 200 };
}
