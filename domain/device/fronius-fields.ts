/**
 * The names of the Fronius Solar API v1 and what they are. Sources: nielstron/pyfronius __init__.py and its test answers
 * (Symo with smart meter, GEN24 with its long channel names, Ohmpilot, storage).
 */
import { counter, gauge, negated } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

type Entries = [string, Field][];

const threePhases = (entries: (phase: 1 | 2 | 3) => Entries): Entries => [...entries(1), ...entries(2), ...entries(3)];

export const siteFields: ReadonlyMap<string, Field> = new Map([
  ["P_Grid", gauge("grid.power", "W")],
  ["P_Load", negated(gauge("load.power", "W"))],
  ["P_Akku", negated(gauge("battery.power", "W"))],
  ["P_PV", gauge("pv.power", "W")],
  ["E_Day", counter("energy.production.today", "Wh")],
  ["E_Year", counter("energy.production.year", "Wh")],
  ["E_Total", counter("energy.production", "Wh")],
  ["rel_Autonomy", gauge("autonomy", "%")],
  ["rel_SelfConsumption", gauge("self_consumption", "%")],
]);

/** An inverter within a power flow. Its P is left out: with a battery behind it, it is neither PV nor load. */
export const flowInverterFields: ReadonlyMap<string, Field> = new Map([
  ["SOC", gauge("soc", "%")],
  ["E_Day", counter("energy.production.today", "Wh")],
  ["E_Year", counter("energy.production.year", "Wh")],
  ["E_Total", counter("energy.production", "Wh")],
]);

export const flowMeterFields: ReadonlyMap<string, Field> = new Map([["P", gauge("power", "W")]]);

export const flowOhmpilotFields: ReadonlyMap<string, Field> = new Map([
  ["P_AC_Total", gauge("power", "W")],
  ["Temperature", gauge("temperature", "degC")],
]);

export const inverterFields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["PAC", gauge("pv.power", "W")],
  ["SAC", gauge("apparent_power", "VA")],
  ["IAC", gauge("current", "A")],
  ["UAC", gauge("voltage", "V")],
  ["FAC", gauge("frequency", "Hz")],
  ["IDC", gauge("current.dc1", "A")],
  ["UDC", gauge("voltage.dc1", "V")],
  ["PDC", gauge("pv.power.dc1", "W")],
  ...[2, 3, 4].flatMap((input): Entries => [
    [`IDC_${input}`, gauge(`current.dc${input}`, "A")],
    [`UDC_${input}`, gauge(`voltage.dc${input}`, "V")],
    [`PDC_${input}`, gauge(`pv.power.dc${input}`, "W")],
  ]),
  ...threePhases((phase) => [
    [`IAC_L${phase}`, gauge(`current.l${phase}`, "A")],
    [`UAC_L${phase}`, gauge(`voltage.l${phase}`, "V")],
  ]),
  ["T_AMBIENT", gauge("temperature", "degC")],
  ["DAY_ENERGY", counter("energy.production.today", "Wh")],
  ["YEAR_ENERGY", counter("energy.production.year", "Wh")],
  ["TOTAL_ENERGY", counter("energy.production", "Wh")],
]);

/** Plus and Minus_Absolute repeat the sums by the direction of installation: left out. */
export const meterFields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["PowerReal_P_Sum", gauge("power", "W")],
  ["PowerApparent_S_Sum", gauge("apparent_power", "VA")],
  ["PowerReactive_Q_Sum", gauge("reactive_power", "var")],
  ["PowerFactor_Sum", gauge("power_factor", "1")],
  ["Frequency_Phase_Average", gauge("frequency", "Hz")],
  ["Current_AC_Sum", gauge("current", "A")],
  ["EnergyReal_WAC_Sum_Consumed", counter("energy.import", "Wh")],
  ["EnergyReal_WAC_Sum_Produced", counter("energy.export", "Wh")],
  ["EnergyReactive_VArAC_Sum_Consumed", counter("energy_reactive.import", "varh")],
  ["EnergyReactive_VArAC_Sum_Produced", counter("energy_reactive.export", "varh")],
  ...threePhases((phase) => [
    [`PowerReal_P_Phase_${phase}`, gauge(`power.l${phase}`, "W")],
    [`PowerApparent_S_Phase_${phase}`, gauge(`apparent_power.l${phase}`, "VA")],
    [`PowerReactive_Q_Phase_${phase}`, gauge(`reactive_power.l${phase}`, "var")],
    [`PowerFactor_Phase_${phase}`, gauge(`power_factor.l${phase}`, "1")],
    [`Voltage_AC_Phase_${phase}`, gauge(`voltage.l${phase}`, "V")],
    [`Current_AC_Phase_${phase}`, gauge(`current.l${phase}`, "A")],
    [`EnergyReal_WAC_Phase_${phase}_Consumed`, counter(`energy.import.l${phase}`, "Wh")],
    [`EnergyReal_WAC_Phase_${phase}_Produced`, counter(`energy.export.l${phase}`, "Wh")],
  ]),
  // GEN24: the same quantities under the names of its channels.
  ["SMARTMETER_POWERACTIVE_MEAN_SUM_F64", gauge("power", "W")],
  ["SMARTMETER_POWERAPPARENT_MEAN_SUM_F64", gauge("apparent_power", "VA")],
  ["SMARTMETER_POWERREACTIVE_MEAN_SUM_F64", gauge("reactive_power", "var")],
  ["SMARTMETER_FACTOR_POWER_SUM_F64", gauge("power_factor", "1")],
  ["GRID_FREQUENCY_MEAN_F32", gauge("frequency", "Hz")],
  ["ACBRIDGE_CURRENT_AC_SUM_NOW_F64", gauge("current", "A")],
  ["SMARTMETER_ENERGYACTIVE_CONSUMED_SUM_F64", counter("energy.import", "Wh")],
  ["SMARTMETER_ENERGYACTIVE_PRODUCED_SUM_F64", counter("energy.export", "Wh")],
  ["SMARTMETER_ENERGYREACTIVE_CONSUMED_SUM_F64", counter("energy_reactive.import", "varh")],
  ["SMARTMETER_ENERGYREACTIVE_PRODUCED_SUM_F64", counter("energy_reactive.export", "varh")],
  ...threePhases((phase) => [
    [`SMARTMETER_POWERACTIVE_MEAN_0${phase}_F64`, gauge(`power.l${phase}`, "W")],
    [`SMARTMETER_POWERAPPARENT_MEAN_0${phase}_F64`, gauge(`apparent_power.l${phase}`, "VA")],
    [`SMARTMETER_POWERREACTIVE_MEAN_0${phase}_F64`, gauge(`reactive_power.l${phase}`, "var")],
    [`SMARTMETER_FACTOR_POWER_0${phase}_F64`, gauge(`power_factor.l${phase}`, "1")],
    [`SMARTMETER_VOLTAGE_MEAN_0${phase}_F64`, gauge(`voltage.l${phase}`, "V")],
    [`SMARTMETER_VOLTAGE_0${phase}_F64`, gauge(`voltage.l${phase}`, "V")],
    [`SMARTMETER_CURRENT_0${phase}_F64`, gauge(`current.l${phase}`, "A")],
    [`ACBRIDGE_CURRENT_ACTIVE_MEAN_0${phase}_F32`, gauge(`current.l${phase}`, "A")],
  ]),
]);

export const ohmpilotFields: ReadonlyMap<string, Field> = new Map([
  ["PowerReal_PAC_Sum", gauge("power", "W")],
  ["EnergyReal_WAC_Sum_Consumed", counter("energy.import", "Wh")],
  ["Temperature_Channel_1", gauge("temperature", "degC")],
]);

export const storageFields: ReadonlyMap<string, Field> = new Map([
  ["StateOfCharge_Relative", gauge("soc", "%")],
  ["Voltage_DC", gauge("battery.voltage", "V")],
  ["Current_DC", gauge("battery.current", "A")],
  ["Temperature_Cell", gauge("temperature", "degC")],
]);
