import { Form } from "@remix-run/react";
import type { HistoryFormat } from "../../domain/history/options.ts";
import { Button, FormError, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";

/** What the file does not say by itself: asked for, and then guessed anew. */
export function MissingForm({ format, error }: { format: HistoryFormat | null; error: string }) {
  return (
    <Card>
      <CardTitle>How it is read</CardTitle>
      <div className="space-y-4">
        <FormError>{error}</FormError>
        {format !== null && (
          <Form method="get" className="space-y-4">
            {format === "phpfina" ? (
              <>
                <TextField
                  label="First value, as unix seconds"
                  name="start"
                  inputMode="numeric"
                  required
                  hint="start_time of the feed's .meta file; emoncms shows it on the feed's page."
                />
                <TextField label="Interval in seconds" name="interval" inputMode="numeric" required />
              </>
            ) : (
              <>
                <TextField
                  label="Column of the time"
                  name="time"
                  required
                  hint="Its name in the header, or its number."
                />
                <TextField
                  label="How times are written"
                  name="pattern"
                  hint="iso, unix, or such as dd.MM.yyyy HH:mm. Empty: guessed."
                />
              </>
            )}
            <Button>Look again</Button>
          </Form>
        )}
        <Form method="post">
          <Button name="intent" value="cancel" look="secondary">
            Do not import
          </Button>
        </Form>
      </div>
    </Card>
  );
}
