import { Form, useNavigation } from "@remix-run/react";
import { useState } from "react";
import type { ContractMedium } from "../../db/contracts.ts";
import { tariffOf, type TariffDraft } from "../../domain/tariff/draft.ts";
import { Button, FormError, SelectField, TextAreaField, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import type { EditorChoices } from "./load-editor.server.ts";
import { readDraft } from "./json-panel.tsx";
import { contractMedia, mediumWords } from "./medium-words.ts";
import type { VersionErrors } from "./read-version.server.ts";
import { Source } from "./shape-chooser.tsx";
import type { Start } from "./starting-tariff.server.ts";
import { TariffEditor } from "./tariff-editor.tsx";
import { usePreview } from "./use-preview.ts";

interface NewContractProps extends EditorChoices {
  site: { id: string; timezone: string; currency: string };
  today: string;
  others: { id: string; name: string; medium: ContractMedium; channelId: number | null; endsOn: string | null }[];
  errors: VersionErrors;
}

/** The editor for a contract that is not there yet: its prices, and what they are for and since when. */
export function NewContractForm(props: NewContractProps & { start: Start }) {
  const { site, today, others, errors, start, priceChannels, meters } = props;
  const [draft, setDraft] = useState(start.draft);
  const [channel, setChannel] = useState("");
  const isPending = useNavigation().state !== "idle";
  const medium = draft.medium ?? "electricity";
  const channelId = channel === "" ? null : Number(channel);
  const preview = usePreview(site.id, { tariff: tariffOf(draft), medium, channelId, contractId: null });
  const rival = others.find(
    (other) => other.medium === medium && other.channelId === channelId && (other.endsOn ?? "9") > today,
  );
  const setMedium = (next: ContractMedium) => {
    setChannel("");
    setDraft({ ...draft, medium: next });
  };
  return (
    <TariffEditor {...{ draft, preview, priceChannels }} onDraft={setDraft} timezone={site.timezone}>
      <Card>
        <CardTitle>The contract</CardTitle>
        <Form method="post" noValidate className="space-y-4">
          <input type="hidden" name="tariff" value={JSON.stringify(tariffOf(draft))} />
          <FormError>{errors.tariff}</FormError>
          <Origin start={start} currency={site.currency} />
          {rival && (
            <p className="rounded-lg bg-amber-100 px-4 py-3 text-sm text-amber-950 dark:bg-amber-950 dark:text-amber-200">
              {rival.name} is for the same energy and goes on: while both hold, it is paid for twice. Say on that
              contract when it ends, or change its prices instead.
            </p>
          )}
          <TextField label="Name" name="name" required maxLength={100} defaultValue={draft.name} error={errors.name} />
          <SelectField
            label="For"
            name="medium"
            value={medium}
            onChange={(event) => setMedium(event.target.value as ContractMedium)}
          >
            {contractMedia.map((name) => (
              <option key={name} value={name}>
                {mediumWords[name]}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Of"
            name="channel"
            value={channel}
            onChange={(event) => setChannel(event.target.value)}
            hint="One meter only: a flat of its own, a heat pump with a tariff of its own."
          >
            <option value="">the whole place</option>
            {meters
              .filter((meter) => meter.medium === medium)
              .map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
          </SelectField>
          <TextField
            label="These prices hold since"
            name="validFrom"
            type="date"
            required
            defaultValue={`${today.slice(0, 4)}-01-01`}
            hint="Before that day it prices nothing. Later changes of the prices are entered later."
            error={errors.validFrom}
          />
          <Button className="w-full" disabled={isPending}>
            {isPending ? "Saving …" : "Save the contract"}
          </Button>
        </Form>
      </Card>
    </TariffEditor>
  );
}

function Origin({ start, currency }: { start: Start; currency: string }) {
  if (!start.source) return null;
  return (
    <div className="rounded-lg bg-slate-100 px-4 py-3 text-sm dark:bg-slate-800">
      <p className="mb-1 font-medium">Prices change: put in your own.</p>
      {start.foreign && (
        <p className="mb-1">
          They were read in {start.foreign} and are now taken as {currency}, without any conversion.
        </p>
      )}
      <Source source={start.source} />
    </div>
  );
}

/** A tariff as text; once it is one, it opens in the editor. */
export function PasteJson(props: NewContractProps) {
  const [text, setText] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [draft, setDraft] = useState<TariffDraft | null>(null);
  if (draft) return <NewContractForm {...props} start={{ id: "json", draft, foreign: null, source: null }} />;
  const open = () => {
    const read = readDraft(text);
    if (read.ok) setDraft(read.draft);
    else setError(read.error);
  };
  return (
    <Card>
      <CardTitle>A tariff as JSON</CardTitle>
      <div className="space-y-4">
        <TextAreaField
          label="JSON"
          rows={18}
          spellCheck={false}
          value={text}
          placeholder={example}
          onChange={(event) => setText(event.target.value)}
          hint="docs/TARIFFS.md describes it; energy bill --schema prints its JSON Schema."
          error={error}
        />
        <Button type="button" onClick={open}>
          Open it
        </Button>
      </div>
    </Card>
  );
}

const example = `{
  "name": "Flat",
  "currency": "EUR",
  "components": [
    { "type": "energy", "price": "0.269" },
    { "type": "standing", "amount": "120", "per": "year" },
    { "type": "tax", "name": "VAT", "percent": "19" }
  ]
}`;
