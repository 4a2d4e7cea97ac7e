import { createGroup, deleteGroup, listGroups, renameGroup } from "../../db/meter-groups.ts";
import { placeMeter } from "../../db/meters.ts";
import {
  createVirtualMeter,
  deleteVirtualMeter,
  getVirtualMeter,
  updateVirtualMeter,
} from "../../db/virtual-meters.ts";
import { media, roles } from "../../domain/channel.ts";
import { readMeterId } from "../../domain/site/meter.ts";
import { groupWords, placeWords, virtualWords } from "./fault-words.server.ts";

/** What the page answers to a form: `error` is a sentence, and `field` the one that is wrong. */
export type MetersAnswer = { saved: true; done: string } | { saved: false; error: string; field?: string };

const text = (form: FormData, name: string) => String(form.get(name) ?? "").trim();
const no = (error: string, field?: string): MetersAnswer => ({ saved: false, error, ...(field && { field }) });
const yes = (done: string): MetersAnswer => ({ saved: true, done });
const longestName = 100;

const nameFault = (name: string) =>
  !name || name.length > longestName || /[\p{Cc}\p{Cs}]/u.test(name)
    ? no(`Give it a name of at most ${longestName} characters.`, "name")
    : null;

/** Carries out what the form asks, at this site alone. @throws Response 400: it asks for nothing that there is. */
export async function changeMeters(organizationId: string, siteId: string, form: FormData): Promise<MetersAnswer> {
  // A button of the form says more than the form itself, and comes after it.
  const intent = String(form.getAll("intent").at(-1) ?? "");
  if (intent === "place") return place(organizationId, siteId, form);
  if (intent === "virtual") return saveVirtual(organizationId, siteId, form);
  if (intent === "delete-virtual") {
    const id = Number(text(form, "id"));
    if ((await getVirtualMeter(organizationId, id))?.siteId !== siteId)
      return no(virtualWords({ reason: "not-found" }));
    await deleteVirtualMeter(organizationId, id);
    return yes("Deleted");
  }
  if (intent === "group" || intent === "delete-group") return changeGroup(organizationId, siteId, form, intent);
  throw new Response("intent is one of place, virtual, delete-virtual, group, delete-group", { status: 400 });
}

async function place(organizationId: string, siteId: string, form: FormData): Promise<MetersAnswer> {
  const id = readMeterId(text(form, "meter"))?.id;
  if (!id) return no(placeWords({ reason: "no-meter" }));
  const [parent, group] = [text(form, "parent"), text(form, "group")];
  const parentId = parent === "" ? null : readMeterId(parent)?.id;
  if (parentId === undefined) return no(placeWords({ reason: "no-parent" }), "parent");
  const placed = await placeMeter(organizationId, siteId, id, {
    parentId,
    groupId: group === "" ? null : Number(group),
  });
  if (placed.ok) return yes("Saved");
  return no(placeWords(placed), placed.reason === "no-group" ? "group" : "parent");
}

async function saveVirtual(organizationId: string, siteId: string, form: FormData): Promise<MetersAnswer> {
  const values = {
    name: text(form, "name"),
    formula: text(form, "formula"),
    medium: media.find((medium) => medium === form.get("medium")) ?? ("electricity" as const),
    role: roles.find((role) => role === form.get("role")) ?? ("none" as const),
  };
  const fault = nameFault(values.name);
  if (fault) return fault;
  const id = text(form, "id");
  if (id && (await getVirtualMeter(organizationId, Number(id)))?.siteId !== siteId)
    return no(virtualWords({ reason: "not-found" }));
  const saved = id
    ? await updateVirtualMeter(organizationId, Number(id), values)
    : await createVirtualMeter(organizationId, siteId, values);
  if (saved.ok) return yes("Saved");
  return no(virtualWords(saved), saved.reason === "formula" ? "formula" : "name");
}

async function changeGroup(
  organizationId: string,
  siteId: string,
  form: FormData,
  intent: "group" | "delete-group",
): Promise<MetersAnswer> {
  const id = text(form, "id");
  if (id && !(await listGroups(organizationId, siteId)).some((group) => group.id === Number(id)))
    return no(groupWords("not-found"));
  if (intent === "delete-group") {
    await deleteGroup(organizationId, Number(id));
    return yes("Deleted");
  }
  const name = text(form, "name");
  const fault = nameFault(name);
  if (fault) return fault;
  const saved = id
    ? await renameGroup(organizationId, Number(id), name)
    : await createGroup(organizationId, siteId, name);
  return saved.ok ? yes("Saved") : no(groupWords(saved.reason), "name");
}
