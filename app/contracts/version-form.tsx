import { Form, useNavigation } from "@remix-run/react";
import { useState } from "react";
import type { ContractMedium } from "../../db/contracts.ts";
import type { TariffFault } from "../../domain/tariff/contract.ts";
import { tariffOf, type TariffDraft } from "../../domain/tariff/draft.ts";
import { useFormats } from "../charts/use-formats.ts";
import { Button, FormError, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { JsonPanel } from "./json-panel.tsx";
import type { EditorChoices } from "./load-editor.server.ts";
import type { VersionErrors } from "./read-version.server.ts";
import { TariffEditor } from "./tariff-editor.tsx";
import { usePreview } from "./use-preview.ts";
import { dayWordsOf } from "./version-words.ts";

interface VersionFormProps {
  site: { id: string; timezone: string };
  today: string;
  contract: { id: string; medium: ContractMedium; channelId: number | null; days: string[] };
  version: { validFrom: string; tariff: TariffDraft };
  isCorrection: boolean;
  priceChannels: EditorChoices["priceChannels"];
  errors: VersionErrors;
}

/** The editor for other prices of a contract: from a day on, or in place of what was wrong. */
export function VersionForm(props: VersionFormProps) {
  const { site, today, contract, version, isCorrection, priceChannels, errors } = props;
  const [draft, setDraft] = useState(version.tariff);
  const isPending = useNavigation().state !== "idle";
  const formats = useFormats(site.timezone);
  const { id: contractId, medium, channelId } = contract;
  const preview = usePreview(site.id, { tariff: tariffOf(draft), medium, channelId, contractId });
  return (
    <TariffEditor {...{ draft, preview, priceChannels }} onDraft={setDraft} timezone={site.timezone}>
      <Card>
        <CardTitle>{isCorrection ? "The correction" : "The new prices"}</CardTitle>
        <Form method="post" noValidate className="space-y-4">
          <input type="hidden" name="tariff" value={JSON.stringify(tariffOf(draft))} />
          <input type="hidden" name="as" value={isCorrection ? "correction" : "new"} />
          <FormError>{errors.tariff}</FormError>
          {isCorrection ? (
            <>
              <input type="hidden" name="validFrom" value={version.validFrom} />
              <p className="text-sm">
                What should have held from {dayWordsOf(version.validFrom, formats)} on. Bills since then are worked out
                anew; what was said before is kept, with your note.
              </p>
            </>
          ) : (
            <TextField
              label="They hold from"
              name="validFrom"
              type="date"
              required
              defaultValue={nextMonth(today)}
              hint="The days before keep the prices that they had."
              error={errors.validFrom}
            />
          )}
          <TextField
            label={isCorrection ? "What was wrong" : "Note"}
            name="note"
            maxLength={500}
            hint={isCorrection ? undefined : "For later: which letter said so."}
            error={errors.note}
          />
          <Button className="w-full" disabled={isPending}>
            {isPending ? "Saving …" : isCorrection ? "Save the correction" : "Save the new prices"}
          </Button>
        </Form>
      </Card>
    </TariffEditor>
  );
}

/** The first of the next month: "2026-11-28" is "2026-12-01". */
function nextMonth(today: string): string {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  return month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, "0")}-01`;
}

/** A version that does not fit the schema has no fields: it can be mended as JSON, and then opens in the editor. */
export function UnreadableVersion(props: VersionFormProps & { faults: readonly TariffFault[] }) {
  const [tariff, setTariff] = useState<TariffDraft | null>(null);
  if (tariff) return <VersionForm {...props} version={{ ...props.version, tariff }} />;
  return (
    <div className="space-y-4">
      <FormError>
        These prices cannot be read:{" "}
        {props.faults.map(({ path, message }) => `${path || "the tariff"}: ${message}`).join("; ")}
      </FormError>
      <JsonPanel draft={props.version.tariff} onDraft={setTariff} />
    </div>
  );
}
