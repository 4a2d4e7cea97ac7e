import { useEffect, useRef } from "react";
import { SelectField, TextField } from "./form.tsx";
import { currencyOfZone } from "./zone-currency.ts";

/** What is known of a site while its form is filled in. */
export interface SiteValues {
  name: string;
  timezone: string;
  currency: string;
  price: string;
  /** Grams of CO2 for a kWh. */
  co2: string;
}

export type SiteErrors = Partial<Record<keyof SiteValues, string>>;

/** The fields of a site. Without a zone yet, the browser's own is chosen, and the currency that goes with its region. */
export function SiteFields({
  values,
  errors,
  zones,
  currencies,
  hasCo2 = false,
}: {
  values: Partial<SiteValues>;
  errors: SiteErrors;
  zones: string[];
  currencies: string[];
  /** Whether it asks for the grid's CO2 too. */
  hasCo2?: boolean;
}) {
  const zone = useRef<HTMLInputElement>(null);
  const currency = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone.current && !zone.current.value && zones.includes(own)) zone.current.value = own;
    const guess = currencyOfZone(own);
    if (currency.current && !values.currency && guess && currencies.includes(guess)) currency.current.value = guess;
  }, [zones, currencies, values.currency]);
  return (
    <>
      <TextField
        label="Name of the place"
        name="site"
        required
        maxLength={100}
        defaultValue={values.name ?? "Home"}
        error={errors.name}
      />
      <TextField
        inputRef={zone}
        label="Time zone"
        name="timezone"
        list="zones"
        required
        autoComplete="off"
        defaultValue={values.timezone}
        error={errors.timezone}
        placeholder="Type to search, such as Berlin"
        hint="Days begin at this place's midnight."
      />
      <datalist id="zones">
        {zones.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <SelectField
          inputRef={currency}
          label="Currency"
          name="currency"
          defaultValue={values.currency ?? "EUR"}
          error={errors.currency}
        >
          {currencies.map((code) => (
            <option key={code}>{code}</option>
          ))}
        </SelectField>
        <TextField
          label="Price per kWh"
          name="price"
          inputMode="decimal"
          placeholder="0.32"
          defaultValue={values.price}
          error={errors.price}
          hint="Optional."
        />
      </div>
      {hasCo2 && (
        <TextField
          label="CO2 of the grid, grams per kWh"
          name="co2"
          inputMode="decimal"
          placeholder="380"
          defaultValue={values.co2}
          error={errors.co2}
          hint="Optional. A channel of this place that measures the intensity (co2_intensity, g/kWh) goes before it."
        />
      )}
    </>
  );
}
