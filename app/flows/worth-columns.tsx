import type { ReactNode } from "react";

/** Of figures, in the tables of flows and of who used them. */
export const numeric = "whitespace-nowrap py-2 pl-4 text-right align-top tabular-nums";

/** The columns of amounts: on a phone they are one below the other in one. */
export function WorthHeads({ hasCo2, hasMoney }: { hasCo2: boolean; hasMoney: boolean }) {
  return (
    <>
      <th scope="col" className="py-2 pl-4 text-right font-medium">
        <span className="hidden sm:inline">Energy</span>
        <span className="sm:hidden">{["Energy", hasCo2 && "CO₂", hasMoney && "cost"].filter(Boolean).join(", ")}</span>
      </th>
      {hasCo2 && <Head text="CO₂" />}
      {hasMoney && <Head text="Cost" />}
    </>
  );
}

const Head = ({ text }: { text: string }) => (
  <th scope="col" className="hidden py-2 pl-4 text-right font-medium sm:table-cell">
    {text}
  </th>
);

interface Cells {
  energy?: ReactNode;
  co2: ReactNode;
  cost: ReactNode;
  hasCo2: boolean;
  hasMoney: boolean;
}

/** What stands below these heads: on a phone, where so many columns have no room, one below the other. */
export function WorthCells({ energy, co2, cost, hasCo2, hasMoney }: Cells) {
  return (
    <>
      <td className={numeric}>
        {energy}
        {co2 && <span className="block sm:hidden">{co2}</span>}
        {cost && <span className="block sm:hidden">{cost}</span>}
      </td>
      {hasCo2 && <td className={`hidden sm:table-cell ${numeric}`}>{co2}</td>}
      {hasMoney && <td className={`hidden sm:table-cell ${numeric}`}>{cost}</td>}
    </>
  );
}
