import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { de } from './de.ts';
import { en, type Messages } from './en.ts';
import { es } from './es.ts';

/** The languages there are, each named in itself. */
export const languages = {
  en: { name: 'English', messages: en },
  de: { name: 'Deutsch', messages: de },
  es: { name: 'Español', messages: es },
} as const;

export type Language = keyof typeof languages;

interface Chosen {
  language: Language;
  messages: Messages;
  choose(language: Language): void;
}

const storageKey = 'tandem.language';
const ChosenContext = createContext<Chosen>({ language: 'en', messages: en, choose: () => undefined });

/** Gives everything below the language that was chosen before, else the first one of the browser's that we have. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(initial);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const chosen = useMemo(
    () => ({
      language,
      messages: languages[language].messages,
      choose(next: Language) {
        setLanguage(next);
        try {
          localStorage.setItem(storageKey, next);
        } catch {
          // Without storage the choice lasts as long as the page.
        }
      },
    }),
    [language],
  );
  return (
    <ChosenContext value={chosen}>
      <I18nProvider locale={language}>{children}</I18nProvider>
    </ChosenContext>
  );
}

/** The texts in the language of the person. */
export function useMessages(): Messages {
  return use(ChosenContext).messages;
}

export function useLanguage(): Chosen {
  return use(ChosenContext);
}

function initial(): Language {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(storageKey);
  } catch {
    // Then the browser's languages count.
  }
  const wanted = [kept, ...navigator.languages].map((each) => each?.slice(0, 2) ?? '');
  return wanted.find(isLanguage) ?? 'en';
}

export function isLanguage(text: string): text is Language {
  return Object.hasOwn(languages, text);
}
