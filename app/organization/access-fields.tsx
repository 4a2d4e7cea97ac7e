import { useId, useState } from "react";
import type { MemberRole } from "../../domain/access/permissions.ts";
import { roleWords } from "../../domain/access/membership.ts";
import { SelectField } from "../components/form.tsx";
import { roleNames } from "./role-names.ts";

export interface SiteName {
  id: string;
  name: string;
}

interface AccessFieldsProps {
  /** Those that may be given by who looks at this. */
  roles: readonly MemberRole[];
  sites: readonly SiteName[];
  role: MemberRole;
  siteIds: readonly string[] | null;
}

/** As what somebody belongs, and which places they see. */
export function AccessFields({ roles, sites, role: first, siteIds }: AccessFieldsProps) {
  const [role, setRole] = useState(first);
  return (
    <>
      <SelectField
        label="Role"
        name="role"
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as MemberRole)}
        hint={`${roleWords[role].charAt(0).toUpperCase()}${roleWords[role].slice(1)}.`}
      >
        {roles.map((one) => (
          <option key={one} value={one}>
            {roleNames[one]}
          </option>
        ))}
      </SelectField>
      {role !== "owner" && (
        <PlacesField
          sites={sites}
          siteIds={siteIds}
          chosenLabel="Only these, and nothing of the organization as a whole"
        />
      )}
    </>
  );
}

interface PlacesFieldProps {
  sites: readonly SiteName[];
  /** Those that are ticked; null: all places. */
  siteIds: readonly string[] | null;
  chosenLabel: string;
  error?: string | undefined;
}

/** All places, or some of them: `readSiteIds` reads it. */
export function PlacesField({ sites, siteIds, chosenLabel, error }: PlacesFieldProps) {
  const [isLimited, setLimited] = useState(siteIds !== null);
  const id = useId();
  return (
    <fieldset aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="mb-1 block text-sm font-medium text-slate-700 dark:text-slate-200">Places</legend>
      <Choice
        name="sites"
        value="all"
        label="All places, also later ones"
        checked={!isLimited}
        onChoose={() => setLimited(false)}
      />
      <Choice name="sites" value="chosen" label={chosenLabel} checked={isLimited} onChoose={() => setLimited(true)} />
      {isLimited && (
        <ul className="ml-8 max-h-56 overflow-y-auto">
          {sites.map((site) => (
            <li key={site.id}>
              <label htmlFor={`${id}-${site.id}`} className="flex min-h-11 items-center gap-3 text-sm">
                <input
                  id={`${id}-${site.id}`}
                  type="checkbox"
                  name="site"
                  value={site.id}
                  defaultChecked={siteIds?.includes(site.id)}
                  aria-invalid={Boolean(error)}
                  className="h-5 w-5 rounded border-slate-400 text-emerald-700 focus:ring-emerald-500 dark:border-slate-600 dark:bg-slate-900"
                />
                {site.name}
              </label>
            </li>
          ))}
        </ul>
      )}
      {error && (
        <p id={`${id}-error`} className="mt-1 text-sm text-rose-700 dark:text-rose-400">
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  label: string;
  checked: boolean;
  onChoose: () => void;
}

function Choice({ name, value, label, checked, onChoose }: ChoiceProps) {
  return (
    <label className="flex min-h-11 items-center gap-3 text-sm">
      <input
        type="radio"
        name={name}
        value={value}
        checked={checked}
        onChange={onChoose}
        className="h-5 w-5 border-slate-400 text-emerald-700 focus:ring-emerald-500 dark:border-slate-600 dark:bg-slate-900"
      />
      {label}
    </label>
  );
}

/** "All places", or the names of some. */
export function placesInWords(siteIds: readonly string[] | null, sites: readonly SiteName[]): string {
  if (siteIds === null) return "All places";
  const names = sites.filter(({ id }) => siteIds.includes(id)).map(({ name }) => name);
  return names.length ? names.join(", ") : "No place";
}
