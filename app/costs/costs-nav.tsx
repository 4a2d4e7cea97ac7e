import { Segments } from "../overview/period-controls.tsx";

const pages = [
  { name: "Costs", to: "costs" },
  { name: "Bill", to: "costs/bill" },
  { name: "Compare tariffs", to: "costs/compare" },
  { name: "What if", to: "costs/what-if" },
  { name: "Bill check", to: "costs/checks" },
  { name: "Contracts", to: "contracts" },
];

export type CostsPage = "costs" | "costs/bill" | "costs/compare" | "costs/what-if" | "costs/checks";

/** The pages about money. On a phone they scroll sideways. */
export function CostsNav({ siteId, current }: { siteId: string; current: CostsPage }) {
  const options = pages.map(({ name, to }) => ({ name, to: `/sites/${siteId}/${to}`, isCurrent: to === current }));
  return (
    <div className="-mx-4 mb-4 overflow-x-auto px-4 sm:mx-0 sm:px-0 print:hidden">
      <div className="inline-block whitespace-nowrap">
        <Segments label="Money" options={options} />
      </div>
    </div>
  );
}
