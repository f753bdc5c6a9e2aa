import { useSyncExternalStore } from 'react';
import { useMessages } from '../i18n/language.tsx';
import type { Captions } from './captions.ts';
import './caption-area.css';

/** What is being said, over the lower edge of the pictures. A line is read out when it is complete, and once. */
export function CaptionArea({ captions }: { captions: Captions }) {
  const { captions: texts } = useMessages();
  const lines = useSyncExternalStore(captions.subscribe, () => captions.lines);
  return (
    <section className="captions" role="log" aria-label={texts.title} aria-relevant="additions">
      {lines.map(({ key, name, text, isFinal }) => (
        <p key={`${key}/${isFinal}`} aria-hidden={!isFinal}>
          <strong>{name}:</strong> {text}
        </p>
      ))}
    </section>
  );
}
