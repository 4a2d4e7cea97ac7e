import type { Direction, Phase, Reporting, Stamp } from "../../domain/channel.ts";
import { unitSign } from "../charts/formats.ts";
import { SelectField, TextField } from "../components/form.tsx";
import type { ChannelErrors, ListedChannel } from "./listed-channel.ts";

const phaseNames: Record<Phase, string> = { l1: "Phase 1", l2: "Phase 2", l3: "Phase 3", n: "Neutral" };

const stampNames: Record<Stamp, string> = {
  instant: "of the instant",
  start: "at the start of its interval",
  end: "at the end of its interval",
};

const directionNames: Record<Direction, string> = {
  import: "taken",
  export: "given",
  production: "produced",
  consumption: "used",
  charge: "charged",
  discharge: "discharged",
  both: "both ways: below zero is given",
};

const reportingNames: Record<Reporting, string> = {
  periodic: "regularly",
  "on-change": "only when the value changes",
};

/** How the channel measures. An empty field is the usual: no limit, the rhythm as it is learned. */
export function MeasuringFields({ channel, errors }: { channel: ListedChannel; errors: ChannelErrors }) {
  const { unit, minValue, maxValue, phase, tariffRegister, direction, stamp, reporting, kind, quantity } = channel;
  const sign = unitSign(unit);
  const inUnit = (label: string) => (sign ? `${label}, ${sign}` : label);
  const number = (value: number | null) => value ?? "";
  const isRegister = kind === "counter";
  return (
    <div className="mt-2 grid grid-cols-1 gap-4 sm:grid-cols-2 xl:grid-cols-3">
      <Numeric
        label={inUnit("Lowest value that can be true")}
        name="minValue"
        value={number(minValue)}
        error={errors.minValue}
        hint="A reading below is refused. Empty: no limit."
      />
      <Numeric
        label={inUnit("Highest value that can be true")}
        name="maxValue"
        value={number(maxValue)}
        error={errors.maxValue}
        hint="A reading above is refused. Empty: no limit."
      />
      <SelectField label="Phase" name="phase" defaultValue={phase ?? ""} error={errors.phase}>
        <option value="">All of them, or none</option>
        {Object.entries(phaseNames).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
      <SelectField label="What it measures is" name="direction" defaultValue={direction ?? ""} error={errors.direction}>
        <option value="">Neither taken nor given</option>
        {Object.entries(directionNames).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Tariff register"
        name="tariffRegister"
        maxLength={20}
        autoComplete="off"
        placeholder="t1"
        defaultValue={tariffRegister ?? ""}
        error={errors.tariffRegister}
        hint="Where it counts in the hours of one tariff only."
      />
      <SelectField label="Sends" name="reporting" defaultValue={reporting} error={errors.reporting}>
        {Object.entries(reportingNames).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
      <SelectField label="The time of a value is" name="stamp" defaultValue={stamp} error={errors.stamp}>
        {Object.entries(stampNames).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
      <Numeric
        label="Seconds between readings"
        name="expectedIntervalS"
        value={number(channel.expectedIntervalS)}
        error={errors.expectedIntervalS}
        hint="Empty: learned."
      />
      <Numeric
        label="A gap after, seconds"
        name="maxGapS"
        value={number(channel.maxGapS)}
        error={errors.maxGapS}
        hint="A longer silence is a gap. Empty: 5 intervals, at least 10 minutes."
      />
      {(isRegister || quantity === "energy") && (
        <Numeric
          label="Highest power possible, W"
          name="maxPowerW"
          value={number(channel.maxPowerW)}
          error={errors.maxPowerW}
          hint="Of its fuse. Empty: not known."
        />
      )}
      {isRegister && (
        <Numeric
          label={inUnit("The register starts again at")}
          name="registerMax"
          value={number(channel.registerMax)}
          error={errors.registerMax}
          hint="Where it goes back to 0, such as 99999.9. Empty: not known."
        />
      )}
    </div>
  );
}

interface NumericProps {
  label: string;
  name: string;
  value: number | "";
  error: string | undefined;
  hint: string;
}

function Numeric({ value, ...field }: NumericProps) {
  return <TextField {...field} inputMode="decimal" autoComplete="off" maxLength={20} defaultValue={value} />;
}
