import { expect, test } from "vitest";
import { parseTariff, tariffFaults } from "./contract.ts";
import { tariffOf, type TariffDraft } from "./draft.ts";
import { componentTypes, movedComponent, withBase, withComponent, withoutComponent } from "./edit-components.ts";

const draft: TariffDraft = {
  ...{ name: "x", currency: "EUR" },
  components: [
    { type: "energy", price: "0.3" },
    { type: "levy", price: "0.1" },
    { type: "levy", name: "Second", price: "0.2" },
    { type: "tax", percent: "10", on: ["levy-2"] },
  ],
};
const taxedNames = (of: TariffDraft) => {
  const parsed = parseTariff(tariffOf(of));
  if (!parsed.ok) throw new Error(parsed.error);
  const { components } = parsed.value;
  return components.flatMap((c) =>
    c.type === "tax" ? c.on?.map((id) => components.find((o) => o.id === id)!.name) : [],
  );
};

test("what a tax is on stays the same whatever is removed, moved or added before it", () => {
  expect(taxedNames(draft)).toEqual(["Second"]);
  expect(taxedNames(withoutComponent(draft, 1))).toEqual(["Second"]);
  expect(taxedNames(movedComponent(draft, 2, 0))).toEqual(["Second"]);
  expect(taxedNames(withComponent(draft, "levy"))).toEqual(["Second"]);
});

test("a tax whose base is gone says so, and is not on something else", () => {
  expect(tariffFaults(tariffOf(withoutComponent(draft, 2))).map(({ path }) => path)).toEqual(["components.2.on"]);
});

test("a tax can be put on chosen components, and back on all", () => {
  const chosen = withBase(draft, 3, [0, 1]);
  expect(taxedNames(chosen)).toEqual(["Energy", "Levy"]);
  expect(withBase(chosen, 3, null).components[3]).toEqual({ type: "tax", percent: "10" });
});

test.each(componentTypes)("a new %s is whole", (type) => {
  const added = withComponent(draft, type);
  expect(added.components).toHaveLength(5);
  expect(tariffFaults(tariffOf(added))).toEqual([]);
});
