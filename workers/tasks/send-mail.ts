import { mailFailed, mailKept, mailRefused, mailSent, mailToSend } from "../../db/mail-delivery.ts";
import { renderMail } from "../../domain/mail/letter.ts";
import { readEnvironment } from "../../platform/env.ts";
import { counter } from "../../platform/metrics.ts";
import { sendEmail } from "../notify/email.ts";
import type { Task } from "../task.ts";

const mailsTotal = counter("mails_total", "Mails tried, by template and outcome", ["template", "outcome"]);

/** Sends one mail. What fails is noted with the mail and tried again by the queue. */
const sendMail: Task<"send-mail"> = async ({ mailId }, { log }) => {
  const mail = await mailToSend(mailId);
  if (!mail) return;
  const { recipient, template, sentAgain, letter } = mail;
  if (!letter) {
    mailsTotal.inc({ template, outcome: "unreadable" });
    log.error({ mailId, template }, "a mail can no longer be opened: APP_SECRET has changed since it was written");
    return mailRefused(mailId, "it can no longer be opened: APP_SECRET has changed since it was written", false);
  }
  // The provider answers a repeated id as before: what was refused is another mail when it is sent again.
  const id = sentAgain ? `${mailId}-${sentAgain}` : mailId;
  const outcome = await sendEmail({ id, to: recipient, ...renderMail(letter) }, readEnvironment()).catch(
    async (error: Error) => {
      mailsTotal.inc({ template, outcome: "failed" });
      await mailFailed(mailId, error.message);
      throw error;
    },
  );
  mailsTotal.inc({ template, outcome: outcome.kind });
  switch (outcome.kind) {
    case "delivered":
      return mailSent(mailId, outcome.providerId);
    case "kept":
      return mailKept(mailId);
    case "refused":
      log.warn({ mailId, template, reason: outcome.reason }, "a mail was refused");
      return mailRefused(mailId, outcome.reason, true);
    default:
      outcome satisfies never;
  }
};

export default sendMail;
