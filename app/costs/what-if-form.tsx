import { Form, useSubmit } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import type { Formats } from "../charts/formats.ts";
import { Button, SelectField, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { hourSpans, sliders, type WhatIfForm } from "./what-if-query.ts";

interface FormProps {
  form: WhatIfForm;
  contracts: { id: string; name: string }[];
  currency: string;
  formats: Formats;
}

/** A moved slider is worked out when the hand rests. */
const restMs = 350;

/** The question: the page's address holds it, so that it can be kept and shared. */
export function WhatIfQuestion({ form, contracts, currency, formats }: FormProps) {
  const submit = useSubmit();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const element = useRef<HTMLFormElement>(null);
  useEffect(() => () => clearTimeout(timer.current), []);
  function ask() {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (element.current?.checkValidity()) submit(element.current, { replace: true, preventScrollReset: true });
    }, restMs);
  }
  const group = (name: "solar" | "battery" | "shift") =>
    sliders.filter((slider) => slider.group === name).map((slider) => <Slider key={slider.name} slider={slider} form={form} formats={formats} />); // prettier-ignore
  return (
    <Card>
      <CardTitle>What would change</CardTitle>
      <Form ref={element} method="get" onChange={ask} className="space-y-6" preventScrollReset>
        <SelectField label="By the prices of" name="contract" defaultValue={form.contract ?? contracts[0]?.id}>
          {contracts.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        <fieldset className="space-y-4">
          <legend className="mb-2 text-sm font-semibold">Solar</legend>
          {group("solar")}
          <div className="grid grid-cols-2 gap-3">
            <TextField label="Latitude" name="latitude" inputMode="decimal" defaultValue={form.latitude} />
            <TextField label="Longitude" name="longitude" inputMode="decimal" defaultValue={form.longitude} />
          </div>
          <TextField
            label="Yearly yield, kWh per kWp"
            name="yield"
            inputMode="decimal"
            placeholder="950"
            defaultValue={form.yield}
            hint="Optional: from a yield map or a neighbour."
          />
        </fieldset>
        <fieldset className="space-y-4">
          <legend className="mb-2 text-sm font-semibold">Battery</legend>
          {group("battery")}
          <SelectField label="It charges" name="strategy" defaultValue={form.strategy}>
            <option value="self-consumption">from what is left over</option>
            <option value="price-led">when energy is cheapest</option>
          </SelectField>
        </fieldset>
        <fieldset className="space-y-4">
          <legend className="mb-2 text-sm font-semibold">A load at another time</legend>
          {group("shift")}
          <div className="grid grid-cols-2 gap-3">
            <SelectField label="From" name="from" defaultValue={form.from}>
              {hourSpans.map((span) => (
                <option key={span} value={span}>
                  {hours(span)}
                </option>
              ))}
            </SelectField>
            <SelectField label="To" name="to" defaultValue={form.to}>
              <option value="cheapest">cheapest hours</option>
              {hourSpans.map((span) => (
                <option key={span} value={span}>
                  {hours(span)}
                </option>
              ))}
            </SelectField>
          </div>
        </fieldset>
        <TextField
          label={`What it costs to buy, ${currency}`}
          name="investment"
          inputMode="decimal"
          placeholder="12500"
          defaultValue={form.investment}
          hint="Optional: to see when it has paid for itself."
        />
        <Button look="secondary">Work it out</Button>
      </Form>
    </Card>
  );
}

const hours = (span: string) =>
  span
    .split("-")
    .map((hour) => `${hour}:00`)
    .join(" – ");

function Slider({
  slider: { name, label, unit, least, most, step },
  form,
  formats,
}: {
  slider: (typeof sliders)[number];
  form: WhatIfForm;
  formats: Formats;
}) {
  const [value, setValue] = useState(form.values[name]);
  const text = `${formats.number(value)} ${unit}`;
  return (
    <label className="block text-sm">
      <span className="flex justify-between gap-3">
        <span className="font-medium text-slate-700 dark:text-slate-200">{label}</span>
        <output className="whitespace-nowrap tabular-nums">{text}</output>
      </span>
      <input
        type="range"
        name={name}
        min={least}
        max={most}
        step={step}
        value={value}
        aria-label={label}
        aria-valuetext={text}
        onChange={(event) => setValue(Number(event.currentTarget.value))}
        className="mt-1 h-8 w-full cursor-pointer accent-emerald-700 dark:accent-emerald-500"
      />
    </label>
  );
}
