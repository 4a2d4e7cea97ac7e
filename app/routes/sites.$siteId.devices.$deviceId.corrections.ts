import { data, type ActionFunctionArgs } from "@remix-run/node";
import { addCorrection, getCorrection, undoCorrection } from "../../db/corrections.ts";
import { requireDevice } from "../auth/require-device.server.ts";
import { readForm } from "../components/read-form.server.ts";
import type { CorrectionAnswer } from "../corrections/answer.ts";
import { previewCorrection } from "../corrections/preview.server.ts";
import { readCorrectionForm, reasonOf } from "../corrections/read-form.server.ts";
import { requireChannel } from "../device/chosen.server.ts";

/** Corrections of a channel's readings: what one would change (`preview`, `preview-undo`), and making and undoing it. */
export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, user, site, device } = await requireDevice(request, params, "channel.change");
  const form = await readForm(request);
  const channel = await requireChannel(organizationId, device.id, String(form.get("channel")));
  const intent = form.get("intent");
  if (intent === "undo" || intent === "preview-undo") {
    const correction = await getCorrection(organizationId, String(form.get("correction")));
    if (correction?.channelId !== channel.id) throw new Response("Not found", { status: 404 });
    if (intent === "undo") {
      const undone = await undoCorrection(organizationId, correction.id, { reason: reasonOf(form), userId: user.id });
      if (undone === "frozen") throw new Response("The raw readings of then are gone", { status: 409 });
      return data<CorrectionAnswer>({ saved: true });
    }
    const preview = await previewCorrection(organizationId, channel.id, { undoId: correction.id });
    return data<CorrectionAnswer>({ saved: false, preview });
  }
  const read = readCorrectionForm(form, { ...channel, timezone: site.timezone, nowMs: Date.now() });
  if (!read.ok) return data<CorrectionAnswer>({ saved: false, errors: read.errors }, { status: 400 });
  const { correction, reason } = read;
  if (intent === "save") {
    await addCorrection(organizationId, channel.id, { correction, reason, userId: user.id });
    return data<CorrectionAnswer>({ saved: true });
  }
  return data<CorrectionAnswer>({
    saved: false,
    preview: await previewCorrection(organizationId, channel.id, { add: correction }),
  });
}
