/** The words that go with an archive; docs/EXPORT.md has them at length. */
export const readme = (
  name: string,
  takenAt: Date,
): string => `Everything of ${name}, as it was at ${takenAt.toISOString()}.

channels.csv    which number is which channel: its place, device, key and unit. Opens in a spreadsheet.
readings/       a CSV for each channel: time (UTC) and value, in the channel's unit. "stored" is the value as the device
                sent it, where the two differ.
energy/         a CSV for each channel: quarter-hours (UTC) with the energy, how much of it was estimated, the seconds that
                were measured, mean, least and most.
tables/         all the rest as JSON Lines, a row a line: places, devices, contracts, corrections, members, the audit log.
                Not meant for spreadsheets. Passwords, tokens and keys are not in it.
manifest.json   what is in this archive.

Into another installation: energy org import FILE --owner ADDRESS. Devices and programs get new credentials there.
`;
