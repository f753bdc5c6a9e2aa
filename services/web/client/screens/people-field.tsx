import { Mail } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover, Text } from 'react-aria-components';
import type { PresenceState } from '../api/presence.ts';
import { pause } from '../api/request.ts';
import { useMessages } from '../i18n/language.tsx';
import { useServices } from '../services.tsx';
import '../ui/field.css';

/** Whom to invite. */
export type Chosen = { userId: string; name: string } | { email: string; name: string };

interface Option {
  id: string;
  name: string;
  email: string | null;
  /** Null: not there, or not known. */
  presence: PresenceState | null;
}

/** Letters are awaited for so long before anybody is asked, in milliseconds. */
const typingMs = 120;

/** Finds people while somebody types, arrow keys and Enter choose; an e-mail address is offered as it is. */
export function PeopleField({ onChoose }: { onChoose(who: Chosen): void }) {
  const { invite, common } = useMessages();
  const { people, presence } = useServices();
  const [text, setText] = useState('');
  const [options, setOptions] = useState<Option[]>([]);
  const [searched, setSearched] = useState('');
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === '') {
      setOptions([]);
      return;
    }
    const end = new AbortController();
    const search = async () => {
      await pause(typingMs, end.signal);
      const byMail = isMailAddress(wanted)
        ? [{ id: `mail:${wanted}`, name: invite.byMail(wanted), email: wanted, presence: null }]
        : [];
      const found = await people.search(wanted, end.signal).catch(() => []);
      end.signal.throwIfAborted();
      const show = (there: Map<string, PresenceState>) =>
        setOptions([
          ...byMail,
          ...found.map(({ id, name }) => ({ id, name, email: null, presence: there.get(id) ?? null })),
        ]);
      show(new Map());
      setSearched(wanted);
      const ids = found.map(({ id }) => id);
      const there = await presence.of(ids, end.signal);
      end.signal.throwIfAborted();
      show(there);
    };
    search().catch(() => undefined);
    return () => end.abort();
  }, [text, people, presence, invite]);
  return (
    <ComboBox
      className="field"
      inputValue={text}
      onInputChange={setText}
      items={options}
      selectedKey={null}
      // Else the list would not open for what is found once the typing has ended.
      allowsEmptyCollection={text.trim() !== ''}
      menuTrigger="input"
      onSelectionChange={(key) => {
        const option = options.find(({ id }) => id === key);
        if (option === undefined) return;
        setText('');
        onChoose(
          option.email === null
            ? { userId: option.id, name: option.name }
            : { email: option.email, name: option.email },
        );
      }}
    >
      <Label className="field-label">{invite.label}</Label>
      <Input className="field-input" />
      <Text slot="description" className="field-hint">
        {invite.hint}
      </Text>
      <Popover className="popover">
        <ListBox<Option>
          className="options"
          renderEmptyState={() => (
            <div className="option-none">{searched === text.trim() ? invite.nobody : common.loading}</div>
          )}
        >
          {({ id, name, email, presence: state }) => (
            <ListBoxItem id={id} textValue={name} className="option">
              {email !== null && <Mail size={16} aria-hidden="true" />}
              {name}
              {state !== null && (
                <span className="presence" data-state={state}>
                  {invite.presence[state]}
                </span>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

function isMailAddress(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(text);
}
