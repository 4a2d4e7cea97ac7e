import { scenarioSchema, type ScenarioGiven } from "./scenario.ts";

/** The sliders of the page as its address has them. What is left at 0 is not in the scenario. */
export const sliders = [
  { group: "solar", name: "kwp", label: "Solar power", unit: "kWp", least: 0, most: 30, step: 0.5, usual: 8 },
  { group: "solar", name: "tilt", label: "Tilt", unit: "°", least: 0, most: 90, step: 5, usual: 30 },
  { group: "solar", name: "azimuth", label: "Direction, from south to the west", unit: "°", least: -180, most: 180, step: 15, usual: 0 }, // prettier-ignore
  { group: "battery", name: "capacity", label: "Battery", unit: "kWh", least: 0, most: 30, step: 0.5, usual: 8 },
  { group: "battery", name: "power", label: "Power", unit: "kW", least: 0.5, most: 15, step: 0.5, usual: 4 },
  { group: "battery", name: "efficiency", label: "What comes back of what was charged", unit: "%", least: 50, most: 100, step: 1, usual: 90 }, // prettier-ignore
  { group: "battery", name: "minimum", label: "Always kept", unit: "%", least: 0, most: 50, step: 5, usual: 10 },
  { group: "shift", name: "shift", label: "Moved each day", unit: "kWh", least: 0, most: 20, step: 0.5, usual: 0 },
] as const;

export type SliderName = (typeof sliders)[number]["name"];

export interface WhatIfForm {
  values: Record<SliderName, number>;
  strategy: "self-consumption" | "price-led";
  contract: string | null;
  latitude: string;
  longitude: string;
  yield: string;
  investment: string;
  /** Hours of the day that load is moved from and to; "cheapest": the day's cheapest four hours. */
  from: string;
  to: string;
}

export function readWhatIf(query: URLSearchParams, timezone: string): WhatIfForm {
  const values = Object.fromEntries(sliders.map((slider) => [slider.name, valueOf(query.get(slider.name), slider)]));
  const [latitude, longitude] = nearZone(timezone);
  return {
    values: values as Record<SliderName, number>,
    strategy: query.get("strategy") === "price-led" ? "price-led" : "self-consumption",
    contract: query.get("contract"),
    latitude: query.get("latitude") ?? String(latitude),
    longitude: query.get("longitude") ?? String(longitude),
    yield: query.get("yield") ?? "",
    investment: query.get("investment") ?? "",
    from: hourSpans.includes(query.get("from") ?? "") ? query.get("from")! : "17-21",
    to: hourSpans.includes(query.get("to") ?? "") ? query.get("to")! : "cheapest",
  };
}

/** Four hours each. */
export const hourSpans = ["0-4", "4-8", "8-12", "11-15", "13-17", "17-21", "20-24"];

function valueOf(text: string | null, { least, most, usual }: { least: number; most: number; usual: number }): number {
  const value = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : usual;
}

export type ReadScenario = { ok: true; scenario: ScenarioGiven } | { ok: false; error: string };

export function scenarioOfForm(form: WhatIfForm): ReadScenario {
  const { values, strategy, contract } = form;
  const quarters = (span: string) => span.split("-").map((hour) => Number(hour) * 4);
  const decimal = (text: string) => Number(text.trim().replace(",", "."));
  const given = {
    ...(contract && { contract }),
    ...(values.kwp > 0 && {
      solar: {
        ...{ kwp: values.kwp, tiltDegrees: values.tilt, azimuthDegrees: values.azimuth },
        ...{ latitude: decimal(form.latitude), longitude: decimal(form.longitude) },
        ...(form.yield.trim() && { yieldKwhPerKwp: decimal(form.yield) }),
      },
    }),
    ...(values.capacity > 0 && {
      battery: {
        ...{ capacityKwh: values.capacity, chargeKw: values.power, dischargeKw: values.power, strategy },
        ...{ roundTripEfficiency: values.efficiency / 100, minimumCharge: values.minimum / 100 },
      },
    }),
    ...(values.shift > 0 && {
      shift: {
        ...{ kwhPerDay: values.shift, from: quarters(form.from) },
        to: form.to === "cheapest" ? { cheapest: 16 } : quarters(form.to),
      },
    }),
    ...(form.investment.trim() && { investment: form.investment.trim().replace(",", ".") }),
  };
  const parsed = scenarioSchema.safeParse(given);
  if (parsed.success) return { ok: true, scenario: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false, error: `${issue!.path.join(" ")}: ${issue!.message}` };
}

/** Where a zone's people live, near enough for the sun's course until they say it better. */
function nearZone(timezone: string): [latitude: number, longitude: number] {
  const south =
    /^(Australia|Antarctica|Africa\/(Johannesburg|Maputo|Harare)|America\/(Argentina|Santiago|Montevideo)|Pacific\/Auckland)/;
  const minutes = new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" })
    .formatToParts(Date.UTC(2026, 0, 1))
    .find(({ type }) => type === "timeZoneName")?.value;
  const [, sign, hours, rest] = /GMT([+-])(\d+):(\d+)/.exec(minutes ?? "") ?? [];
  const offset = hours === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) + Number(rest) / 60);
  const latitude = south.test(timezone)
    ? -34
    : timezone.startsWith("Europe")
      ? 50
      : timezone.startsWith("Asia")
        ? 28
        : 40;
  return [latitude, Math.max(-180, Math.min(180, Math.round(offset * 15)))];
}
