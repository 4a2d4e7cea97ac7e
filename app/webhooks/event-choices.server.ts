import { chosenTypes, events } from "../../domain/webhook/events.ts";
import type { EventChoice } from "./webhook-form.tsx";

/** What a webhook can be told, for the form: the schemas behind it stay on the server. */
export const eventChoices: readonly EventChoice[] = chosenTypes.map((type) => ({ type, about: events[type].about }));
