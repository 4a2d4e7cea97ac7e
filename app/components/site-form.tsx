import { useEffect, useRef } from "react";
import { SelectField, TextField } from "./form.tsx";

/** What is known of a site while its form is filled in. */
export interface SiteValues {
  name: string;
  timezone: string;
  currency: string;
  price: string;
}

export type SiteErrors = Partial<Record<keyof SiteValues, string>>;

/** The fields of a site. Without a zone yet, the browser's own is chosen, and the currency that goes with its region. */
export function SiteFields({
  values,
  errors,
  zones,
  currencies,
}: {
  values: Partial<SiteValues>;
  errors: SiteErrors;
  zones: string[];
  currencies: string[];
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
        hint="Days are cut at this place's midnight."
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
          hint="You can leave it empty for now."
        />
      </div>
    </>
  );
}

/** The currency of a region, by its time zone: a first guess for the commonest. */
function currencyOfZone(zone: string): string | null {
  if (/^Europe\/(London|Belfast|Guernsey|Jersey)/.test(zone)) return "GBP";
  if (/^Europe\/Zurich/.test(zone)) return "CHF";
  if (/^Europe\/(Stockholm)/.test(zone)) return "SEK";
  if (/^Europe\/(Oslo)/.test(zone)) return "NOK";
  if (/^Europe\/(Copenhagen)/.test(zone)) return "DKK";
  if (/^Europe\/(Warsaw)/.test(zone)) return "PLN";
  if (/^Europe\/(Prague)/.test(zone)) return "CZK";
  if (/^Europe\//.test(zone)) return "EUR";
  if (/^Australia\//.test(zone)) return "AUD";
  if (/^Asia\/(Kolkata|Calcutta)/.test(zone)) return "INR";
  if (/^Asia\/Tokyo/.test(zone)) return "JPY";
  if (/^Pacific\/Auckland/.test(zone)) return "NZD";
  if (/^America\/(Toronto|Vancouver|Edmonton|Winnipeg|Halifax)/.test(zone)) return "CAD";
  if (/^America\/(New_York|Chicago|Denver|Los_Angeles|Phoenix|Detroit|Anchorage)/.test(zone)) return "USD";
  return null;
}
