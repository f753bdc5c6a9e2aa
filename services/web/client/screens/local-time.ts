const halfHour = 30 * 60_000;

/** The next full or half hour that is still to come. */
export function nextHalfHour(now: Date): Date {
  return new Date(Math.floor(now.getTime() / halfHour) * halfHour + halfHour);
}

/** As fields of the type `datetime-local` have it: `2026-11-21T21:30`, in the time zone of this machine. */
export function localTime(time: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`;
}
