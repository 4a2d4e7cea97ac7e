import { useEffect, useId, type ComponentProps, type ReactNode, type Ref } from "react";

/** Own form parts: one look, one way to say what is wrong. */
const field =
  "block w-full min-h-11 rounded-lg border-slate-300 bg-white text-slate-900 shadow-sm placeholder:text-slate-500 focus:border-emerald-500 focus:ring-emerald-500 dark:border-slate-700 dark:bg-slate-900 dark:text-slate-100 dark:placeholder:text-slate-400 aria-[invalid=true]:border-rose-500";

interface Labelled {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

export function TextField({
  label,
  hint,
  error,
  inputRef,
  ...input
}: Labelled & { inputRef?: Ref<HTMLInputElement> } & ComponentProps<"input">) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <input
        ref={inputRef}
        id={id}
        aria-invalid={Boolean(error)}
        aria-describedby={(error ?? hint) ? `${id}-hint` : undefined}
        className={field}
        {...input}
      />
    </Field>
  );
}

export function SelectField({
  label,
  hint,
  error,
  inputRef,
  children,
  ...select
}: Labelled & { inputRef?: Ref<HTMLSelectElement> } & ComponentProps<"select">) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <select
        ref={inputRef}
        id={id}
        aria-invalid={Boolean(error)}
        aria-describedby={(error ?? hint) ? `${id}-hint` : undefined}
        className={field}
        {...select}
      >
        {children}
      </select>
    </Field>
  );
}

export function TextAreaField({ label, hint, error, ...area }: Labelled & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <textarea
        id={id}
        aria-invalid={Boolean(error)}
        aria-describedby={(error ?? hint) ? `${id}-hint` : undefined}
        className={`${field} font-mono text-sm`}
        {...area}
      />
    </Field>
  );
}

function Field({ id, label, hint, error, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium text-slate-700 dark:text-slate-200">
        {label}
      </label>
      {children}
      {(error ?? hint) && (
        <p
          id={`${id}-hint`}
          className={`mt-1.5 text-sm ${error ? "text-rose-700 dark:text-rose-400" : "text-slate-600 dark:text-slate-400"}`}
        >
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

const looks = {
  primary: "bg-emerald-700 text-white hover:bg-emerald-800 disabled:opacity-60",
  secondary:
    "border border-slate-300 bg-white text-slate-800 hover:bg-slate-50 disabled:opacity-60 dark:border-slate-700 dark:bg-slate-900 dark:text-slate-100 dark:hover:bg-slate-800",
  danger: "bg-rose-700 text-white hover:bg-rose-800 disabled:opacity-60",
};

export const buttonClass = (look: keyof typeof looks = "primary") =>
  `inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 py-2 text-sm font-medium ${looks[look]}`;

export function Button({
  look = "primary",
  className = "",
  ...button
}: ComponentProps<"button"> & { look?: keyof typeof looks }) {
  return <button type="submit" className={`${buttonClass(look)} ${className}`} {...button} />;
}

/** A link among words, large enough for a finger. */
export const textLink =
  "inline-flex min-h-11 items-center font-medium text-emerald-700 underline dark:text-emerald-400";

/** Boxes to tick, or circles, with what is asked above them and what is wrong below. */
export function Choices({
  legend,
  error,
  children,
}: {
  legend: string;
  error: string | undefined;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <fieldset aria-describedby={error ? id : undefined}>
      <legend className="mb-1 text-sm font-medium text-slate-700 dark:text-slate-200">{legend}</legend>
      {children}
      {error && (
        <p id={id} className="mt-1 text-sm text-rose-700 dark:text-rose-400">
          {error}
        </p>
      )}
    </fieldset>
  );
}

export const checkbox =
  "border-slate-400 text-emerald-700 focus:ring-emerald-500 dark:border-slate-500 dark:bg-slate-900 h-5 w-5 shrink-0 rounded";

/** A message about the whole form. */
export function FormError({ children }: { children: ReactNode }) {
  if (!children) return null;
  return (
    <p
      role="alert"
      className="rounded-lg border border-rose-200 bg-rose-50 px-4 py-3 text-sm text-rose-800 dark:border-rose-900 dark:bg-rose-950 dark:text-rose-200"
    >
      {children}
    </p>
  );
}

/** After a refused form, the first field that is wrong gets the focus. `answer`: the action's, a new one each time. */
export function useFocusOnError(answer: unknown): void {
  useEffect(() => {
    if (answer) document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [answer]);
}
