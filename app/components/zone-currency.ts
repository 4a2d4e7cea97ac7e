/** The currency that people pay in, by time zone: a first guess that the form offers. */
const byPlace: Record<string, string> = {
  "Europe/London Europe/Belfast Europe/Jersey Europe/Guernsey Europe/Isle_of_Man": "GBP",
  "Europe/Zurich Europe/Vaduz Europe/Busingen": "CHF",
  "Europe/Stockholm": "SEK",
  "Europe/Oslo Arctic/Longyearbyen": "NOK",
  "Europe/Copenhagen Atlantic/Faroe America/Nuuk America/Godthab": "DKK",
  "Atlantic/Reykjavik": "ISK",
  "Europe/Warsaw": "PLN",
  "Europe/Prague": "CZK",
  "Europe/Budapest": "HUF",
  "Europe/Bucharest": "RON",
  "Europe/Belgrade": "RSD",
  "Europe/Sarajevo": "BAM",
  "Europe/Skopje": "MKD",
  "Europe/Tirane": "ALL",
  "Europe/Chisinau": "MDL",
  "Europe/Kyiv Europe/Kiev": "UAH",
  "Europe/Istanbul Asia/Istanbul": "TRY",
  "Europe/Moscow Europe/Kaliningrad Europe/Samara": "RUB",
  "Europe/Minsk": "BYN",
  "Asia/Kolkata Asia/Calcutta": "INR",
  "Asia/Kathmandu Asia/Katmandu": "NPR",
  "Asia/Tokyo": "JPY",
  "Asia/Seoul": "KRW",
  "Asia/Shanghai Asia/Chongqing Asia/Urumqi": "CNY",
  "Asia/Hong_Kong": "HKD",
  "Asia/Taipei": "TWD",
  "Asia/Singapore": "SGD",
  "Asia/Kuala_Lumpur": "MYR",
  "Asia/Bangkok": "THB",
  "Asia/Jakarta": "IDR",
  "Asia/Manila": "PHP",
  "Asia/Dubai": "AED",
  "Asia/Riyadh": "SAR",
  "Asia/Jerusalem Asia/Tel_Aviv": "ILS",
  "Asia/Nicosia Asia/Famagusta": "EUR",
  "Atlantic/Azores Atlantic/Madeira Atlantic/Canary": "EUR",
  "Pacific/Auckland Pacific/Chatham": "NZD",
  "Africa/Johannesburg": "ZAR",
  "Africa/Cairo": "EGP",
  "Africa/Lagos": "NGN",
  "Africa/Nairobi": "KES",
  "Africa/Casablanca": "MAD",
  "America/Sao_Paulo America/Bahia America/Fortaleza America/Manaus America/Recife": "BRL",
  "America/Mexico_City America/Monterrey America/Tijuana America/Cancun": "MXN",
  "America/Santiago America/Punta_Arenas": "CLP",
  "America/Bogota": "COP",
  "America/Lima": "PEN",
  "America/Montevideo": "UYU",
  "America/Toronto America/Vancouver America/Edmonton America/Winnipeg America/Halifax America/Regina America/St_Johns":
    "CAD",
  "America/New_York America/Chicago America/Denver America/Los_Angeles America/Phoenix America/Detroit": "USD",
  "America/Anchorage America/Puerto_Rico Pacific/Honolulu America/Boise America/Juneau": "USD",
};

const byZone = new Map(
  Object.entries(byPlace).flatMap(([zones, code]) => zones.split(" ").map((zone) => [zone, code])),
);

const byRegion: [string, string][] = [
  ["Europe/", "EUR"],
  ["Australia/", "AUD"],
  ["America/Argentina/", "ARS"],
  ["America/Indiana/", "USD"],
  ["America/Kentucky/", "USD"],
];

/** null: no guess is better than a wrong one. */
export const currencyOfZone = (zone: string): string | null =>
  byZone.get(zone) ?? byRegion.find(([prefix]) => zone.startsWith(prefix))?.[1] ?? null;
