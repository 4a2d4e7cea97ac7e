import { Form, useNavigation } from "@remix-run/react";
import { scopes } from "../../domain/access/credential.ts";
import { Button, checkbox, Choices, SelectField, TextAreaField, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { PlacesField } from "../organization/access-fields.tsx";
import type { KeyErrors, KeyValues } from "./read-key-form.server.ts";
import { scopeWords } from "./scope-words.ts";

interface NewKeyFormProps {
  sites: { id: string; name: string }[];
  values: KeyValues | undefined;
  errors: KeyErrors;
}

export function NewKeyForm({ sites, values, errors }: NewKeyFormProps) {
  const isPending = useNavigation().formData?.get("intent") === "make";
  return (
    <Card>
      <CardTitle>A new key</CardTitle>
      <Form method="post" className="space-y-5" noValidate>
        <input type="hidden" name="intent" value="make" />
        <TextField
          label="Name"
          name="name"
          required
          maxLength={100}
          defaultValue={values?.name}
          error={errors.name}
          placeholder="Home Assistant"
          hint="Which program it is for: you see it in this list."
        />
        <Choices legend="What it may do" error={errors.scopes}>
          {scopes.map((scope) => (
            <label key={scope} className="flex min-h-11 items-center gap-3 text-sm">
              <input
                type="checkbox"
                name="scopes"
                value={scope}
                defaultChecked={values ? values.scopes.includes(scope) : scope === "read"}
                aria-invalid={Boolean(errors.scopes)}
                className={checkbox}
              />
              <span>
                <span className="font-medium">{scopeWords[scope].title}</span>{" "}
                <span className="text-slate-600 dark:text-slate-300">{scopeWords[scope].about}</span>
              </span>
            </label>
          ))}
        </Choices>
        <PlacesField sites={sites} siteIds={values?.siteIds ?? null} chosenLabel="Only these" error={errors.siteIds} />
        <SelectField label="It works for" name="days" defaultValue={values?.days ?? "365"} error={errors.days}>
          <option value="30">30 days</option>
          <option value="90">90 days</option>
          <option value="365">A year</option>
          <option value="">As long as it is not revoked</option>
        </SelectField>
        <TextAreaField
          label="Web pages that may use it"
          name="origins"
          rows={2}
          defaultValue={values?.origins}
          error={errors.origins}
          placeholder="https://energy.example"
          hint="Only for a page of another address that calls the API from the browser; programs need nothing here."
        />
        <Button disabled={isPending}>{isPending ? "Making it …" : "Make the key"}</Button>
      </Form>
    </Card>
  );
}
