import { problems } from '@tandem/common';
import type { ProfileUpdate } from './profiles.ts';

/**
 * Checks what a schema cannot: that the language and the time zone exist. The language is written as it should be, `en-GB`
 * for `EN-gb`.
 *
 * @throws Problem invalid-request
 */
export function checkedUpdate({ language, timeZone, ...rest }: ProfileUpdate): ProfileUpdate {
  const checked: ProfileUpdate = rest;
  if (language !== undefined) checked.language = language === null ? null : canonicalLanguage(language);
  if (timeZone !== undefined) checked.timeZone = timeZone === null ? null : knownTimeZone(timeZone);
  return checked;
}

function canonicalLanguage(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? language;
  } catch {
    throw invalid('/language', 'is no language tag (BCP 47)');
  }
}

function knownTimeZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    throw invalid('/timeZone', 'is no time zone (IANA)');
  }
}

function invalid(pointer: string, detail: string) {
  return problems.invalidRequest(undefined, { errors: [{ in: 'body', pointer, detail }] });
}
