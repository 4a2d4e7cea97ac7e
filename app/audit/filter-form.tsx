import { Form, Link } from "@remix-run/react";
import { Search } from "lucide-react";
import { Button, buttonClass, SelectField, TextField } from "../components/form.tsx";
import type { FilterTexts } from "./filter.ts";
import { actionChoices } from "./words.ts";

export function FilterForm({ filter }: { filter: FilterTexts }) {
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <Form method="get" role="search" key={JSON.stringify(filter)}>
      <div className="grid grid-cols-2 gap-3 md:grid-cols-3">
        <TextField label="Who" name="who" defaultValue={filter.who} placeholder="anna@example.org" />
        <SelectField label="What" name="action" defaultValue={filter.action ?? ""}>
          <option value="">Anything</option>
          {actionChoices.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          {filter.action && !actionChoices.some(({ value }) => value === filter.action) && (
            <option>{filter.action}</option>
          )}
        </SelectField>
        <TextField label="To what" name="object" defaultValue={filter.object} placeholder="Name or id" />
        <TextField label="From" name="from" type="date" defaultValue={filter.from} />
        <TextField label="To" name="to" type="date" defaultValue={filter.to} />
        <TextField label="Text anywhere" name="text" defaultValue={filter.text} />
      </div>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button>
          <Search className="h-4 w-4" aria-hidden /> Search
        </Button>
        {isFiltered && (
          <Link to="/organization/audit" className={buttonClass("secondary")}>
            Show all
          </Link>
        )}
      </div>
    </Form>
  );
}
