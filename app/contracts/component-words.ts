import type { ComponentDraft } from "../../domain/tariff/draft.ts";

export const componentWords: Record<ComponentDraft["type"], { name: string; what: string }> = {
  energy: { name: "Energy", what: "What each unit costs that is taken." },
  standing: { name: "Standing charge", what: "A fixed amount, whatever is used; charged by the day." },
  levy: { name: "Levy or grid fee", what: "A duty or a fee for each unit that is taken." },
  "feed-in": { name: "Feed-in", what: "What is paid for each unit that is given to the grid." },
  demand: { name: "Demand charge", what: "A price for the highest power, beside that of the energy." },
  credit: { name: "Credit", what: "A bonus or a refund that is taken off the bill." },
  "net-metering": {
    name: "Net metering",
    what: "What is given is set off against what is taken; the rest is kept in a bank.",
  },
  tax: { name: "Tax", what: "Percent on what stands before it." },
};
