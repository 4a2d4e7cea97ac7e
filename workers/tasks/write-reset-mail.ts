import { issueResetToken } from "../../db/account-administration.ts";
import { makeToken } from "../../db/account-tokens.ts";
import { asSystem } from "../../db/as-system.ts";
import { enqueueMail } from "../../db/mail.ts";
import { publicUrl, readEnvironment } from "../../platform/env.ts";
import type { Task } from "../task.ts";

const linkMinutes = 60;

/** Here and not where the request is answered, so that the answer takes as long for an address that nobody has. */
const writeResetMail: Task<"write-reset-mail"> = async ({ email }) => {
  const { token, hash } = makeToken();
  const expiresAt = new Date(Date.now() + linkMinutes * 60_000);
  const url = `${publicUrl(readEnvironment())}/reset-password?token=${token}`;
  await asSystem(async (sql) => {
    if (!(await issueResetToken(sql, email, hash, expiresAt))) return;
    await enqueueMail(sql, { to: email, template: "reset-password", data: { url, minutes: linkMinutes } });
  });
};

export default writeResetMail;
