import type { ComponentProps, ReactNode } from "react";
import { SelectField, TextField } from "../components/form.tsx";
import { useFault } from "./editor-context.tsx";

interface DraftFieldProps {
  label: string;
  path: string;
  hint?: ReactNode;
}

/** A decimal number of a draft, as it is typed; its fault comes from the preview. */
export function DecimalField({
  value,
  onValue,
  path,
  ...field
}: DraftFieldProps & { value: string | number | undefined; onValue: (text: string) => void; placeholder?: string }) {
  return (
    <TextField
      {...field}
      value={value ?? ""}
      onChange={(event) => onValue(event.target.value)}
      inputMode="decimal"
      autoComplete="off"
      error={useFault(path)}
    />
  );
}

export function NameField({
  value,
  onValue,
  path,
  ...field
}: DraftFieldProps & { value: string | undefined; onValue: (text: string) => void; placeholder?: string }) {
  return (
    <TextField
      {...field}
      value={value ?? ""}
      onChange={(event) => onValue(event.target.value)}
      maxLength={80}
      autoComplete="off"
      error={useFault(path)}
    />
  );
}

export function ChoiceField<T extends string | number>({
  value,
  options,
  onValue,
  path,
  ...field
}: DraftFieldProps & {
  value: T;
  options: readonly (readonly [T, string])[];
  onValue: (value: T) => void;
}) {
  return (
    <SelectField
      {...field}
      value={String(value)}
      onChange={(event) => onValue(options.find(([option]) => String(option) === event.target.value)![0])}
      error={useFault(path)}
    >
      {options.map(([option, words]) => (
        <option key={option} value={String(option)}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}

export function CheckField({
  label,
  checked,
  onValue,
}: {
  label: ReactNode;
  checked: boolean;
  onValue: (checked: boolean) => void;
}) {
  return (
    <label className="flex min-h-11 items-center gap-3 text-sm font-medium">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onValue(event.target.checked)}
        className="h-5 w-5 rounded border-slate-400 text-emerald-700 focus:ring-emerald-500 dark:border-slate-500 dark:bg-slate-900"
      />
      <span>{label}</span>
    </label>
  );
}

/** A whole number within bounds; what is none is not taken. */
export function CountField({
  value,
  onValue,
  path,
  min,
  max,
  ...field
}: DraftFieldProps & { value: number; onValue: (value: number) => void; min: number; max: number }) {
  return (
    <TextField
      {...field}
      type="number"
      min={min}
      max={max}
      value={value}
      onChange={(event) => {
        const number = event.target.valueAsNumber;
        if (Number.isInteger(number) && number >= min && number <= max) onValue(number);
      }}
      error={useFault(path)}
    />
  );
}

/** A small button with a picture. */
export function IconButton({ label, children, ...button }: { label: string } & ComponentProps<"button">) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className="inline-flex h-11 w-11 shrink-0 items-center justify-center rounded-lg text-slate-600 hover:bg-slate-100 disabled:opacity-30 dark:text-slate-300 dark:hover:bg-slate-800"
      {...button}
    >
      {children}
    </button>
  );
}

export const smallButton =
  "inline-flex min-h-11 items-center gap-2 rounded-lg border border-slate-300 px-3 text-sm font-medium text-slate-800 hover:bg-slate-50 disabled:opacity-40 dark:border-slate-700 dark:text-slate-100 dark:hover:bg-slate-800";

export const scopeChoices = [
  ["day", "a day"],
  ["month", "a month"],
  ["year", "a year"],
  ["billing-period", "a billing period"],
] as const;
