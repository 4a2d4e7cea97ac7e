import { Form } from "@remix-run/react";
import type { ReactNode } from "react";
import { Button, SelectField } from "../components/form.tsx";

export interface Choice {
  id: string;
  name: string;
}

interface ChooseProps {
  label: string;
  name: string;
  choices: Choice[];
  chosen: string | undefined;
  none: string;
  children?: ReactNode;
}

/** The first step: with whom. Nothing happens yet; the page then says what would. */
export function Choose({ label, name, choices, chosen, none, children }: ChooseProps) {
  if (!choices.length) return <p className="text-slate-600 dark:text-slate-300">{none}</p>;
  return (
    <Form method="get" preventScrollReset className="flex flex-wrap items-end gap-3">
      <div className="min-w-0 flex-1 basis-64">
        <SelectField label={label} name={name} defaultValue={chosen ?? ""} required>
          <option value="" disabled>
            Choose …
          </option>
          {choices.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      {children}
      <Button look="secondary">Show what will happen</Button>
    </Form>
  );
}
