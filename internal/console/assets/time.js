// Dates and times on the branch's clocks, whatever clock the visitor has.

const formats = new Map();

/** format returns a formatter that was made before, if there is one: making them is what takes the time. */
function format(Kind, locale, options) {
  const key = `${Kind.name} ${locale} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Kind(locale, options));
  return formats.get(key);
}

const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });

/** dayWords shows a branch-local date (YYYY-MM-DD), relative where that is shorter. */
export function dayWords(date, zone) {
  if (!date) return '';
  const today = localDate(new Date(), zone);
  if (date === today) return 'Today';
  if (date === addDays(today, 1)) return 'Tomorrow';
  return dayFormat.format(new Date(`${date}T00:00:00Z`));
}

/** localDate returns an instant's date in a zone, as YYYY-MM-DD. */
export function localDate(instant, zone) {
  return format(Intl.DateTimeFormat, 'en-CA', {
    timeZone: zone || undefined, year: 'numeric', month: '2-digit', day: '2-digit',
  }).format(instant);
}

/** localTime returns an instant's time in a zone, as HH:MM. */
export function localTime(instant, zone) {
  return format(Intl.DateTimeFormat, 'en-GB', {
    timeZone: zone || undefined, hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).format(new Date(instant));
}

export function addDays(date, days) {
  const d = new Date(`${date}T00:00:00Z`);
  d.setUTCDate(d.getUTCDate() + days);
  return d.toISOString().slice(0, 10);
}

/**
 * instantOf returns the instant at which the zone's clocks show a date and time. Where they skip it, the time that long
 * after the skip began; where they show it twice, the first.
 */
export function instantOf(date, time, zone) {
  const naive = Date.parse(`${date}T${time}:00Z`);
  const offsets = [naive - 38 * 3600e3, naive + 38 * 3600e3].map((at) => offset(at, zone));
  const fits = offsets.map((o) => naive - o).filter((at) => at + offset(at, zone) === naive);
  return new Date(fits.length > 0 ? Math.min(...fits) : naive - offsets[0]);
}

/** offset is how far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
function offset(at, zone) {
  const shown = Date.parse(`${localDate(at, zone)}T${localTime(at, zone)}:00Z`);
  return shown - Math.floor(at / 60000) * 60000;
}

/** money shows minor units of a currency. */
export function money(minor, currency) {
  if (minor === undefined || minor === null || !currency) return '';
  const exact = format(Intl.NumberFormat, undefined, { style: 'currency', currency });
  const digits = exact.resolvedOptions().maximumFractionDigits;
  const amount = minor / 10 ** digits;
  if (!Number.isInteger(amount)) return exact.format(amount);
  return format(Intl.NumberFormat, undefined, { style: 'currency', currency, maximumFractionDigits: 0 }).format(amount);
}
