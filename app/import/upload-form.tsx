import { useNavigate } from "@remix-run/react";
import { useState, type FormEvent } from "react";
import { Button, FormError, SelectField, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import type { Announced } from "./announce.server.ts";
import { Progress } from "./progress.tsx";
import { upload } from "./upload.ts";

interface UploadFormProps {
  /** Of the page: /sites/…/import */
  path: string;
  devices: { id: string; name: string }[];
  chosen: string;
  chunkBytes: number;
  largestFile: number;
}

/** The device and the file; the file is sent in pieces, and the page of its import opens. */
export function UploadForm({ path, devices, chosen, chunkBytes, largestFile }: UploadFormProps) {
  const navigate = useNavigate();
  const [device, setDevice] = useState(chosen);
  const [share, setShare] = useState<number | null>(null);
  const [fault, setFault] = useState<{ field: "device" | "file" | null; error: string } | null>(null);
  const errorOf = (field: string) => (fault?.field === field ? fault.error : undefined);

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const file = form.get("file") as File;
    form.delete("file");
    form.set("fileName", file.name);
    form.set("size", String(file.size));
    setFault(null);
    setShare(0);
    try {
      const answer = await fetch(`${path}/announce`, { method: "POST", body: form });
      if (!answer.ok) throw new Error("The server does not answer: try it again.");
      const announced = (await answer.json()) as Announced;
      if (!announced.ok) {
        setFault(announced);
        return setShare(null);
      }
      await upload(file, { path: `${path}/${announced.importId}`, chunkBytes, onProgress: setShare });
      navigate(`${path}/${announced.importId}`);
    } catch (error) {
      setFault({ field: null, error: (error as Error).message });
      setShare(null);
    }
  }

  return (
    <Card>
      <CardTitle>A file</CardTitle>
      <form onSubmit={(event) => void send(event)} className="space-y-4" noValidate>
        <FormError>{fault?.field === null && fault.error}</FormError>
        <fieldset disabled={share !== null} className="space-y-4">
          <SelectField
            label="Whose history it is"
            name="device"
            value={device}
            onChange={(event) => setDevice(event.target.value)}
            error={device ? errorOf("device") : undefined}
          >
            <option value="">A new device</option>
            {devices.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
          {device === "" && (
            <TextField label="Its name" name="name" maxLength={100} autoComplete="off" error={errorOf("device")} />
          )}
          <TextField
            label="File"
            name="file"
            type="file"
            error={errorOf("file")}
            hint={`CSV, InfluxDB line protocol, emoncms feeds and backups, statistics of Home Assistant, exports of dsmr-reader, Green Button; gzip or not, up to ${largestFile / 1e6} MB.`}
          />
          <Button>{share === null ? "Send it, and look at it first" : "Sending …"}</Button>
        </fieldset>
        {share !== null && <Progress label="Sent" share={share} />}
      </form>
    </Card>
  );
}
