import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { Entry, Room } from '../api/rooms.ts';
import type { Person } from '../api/session.ts';
import { useMessages } from '../i18n/language.tsx';
import { useServices } from '../services.tsx';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { problemText } from '../ui/problem-text.ts';
import { Toggle } from '../ui/toggle.tsx';
import { useTask } from '../ui/use-task.ts';
import { localTime, nextHalfHour } from './local-time.ts';

/** Makes a room, for now or for later. */
export function NewRoomDialog({
  person,
  onEnd,
  onMade,
}: {
  person: Person;
  onEnd(): void;
  onMade(room: Room): void;
}) {
  const messages = useMessages();
  const { start, common } = messages;
  const { rooms } = useServices();
  const [name, setName] = useState(start.defaultRoomName(person.name));
  const [isLater, setLater] = useState(false);
  const [startsAt, setStartsAt] = useState(() => localTime(nextHalfHour(new Date())));
  const [minutes, setMinutes] = useState('60');
  const [entry, setEntry] = useState<Entry>('lobby');
  const [guests, setGuests] = useState(true);
  const task = useTask();
  // The same for every try, so that a second one makes no second room.
  const [key] = useState(() => crypto.randomUUID());
  const entries: { id: Entry; name: string }[] = [
    { id: 'open', name: start.entryOpen },
    { id: 'lobby', name: start.entryLobby },
    { id: 'invited', name: start.entryInvited },
  ];
  const create = () =>
    task.run(async () => {
      const time = isLater
        ? { startsAt: new Date(startsAt).toISOString(), minutes: Number(minutes) }
        : { startsAt: null, minutes: null };
      onMade(await rooms.create({ name: name.trim(), ...time, settings: { entry, guests } }, key));
    });
  return (
    <Dialog title={start.newRoom} onClose={onEnd}>
      <Form
        className="start-enter"
        onSubmit={(event) => {
          event.preventDefault();
          create();
        }}
      >
        <Field label={start.roomName} value={name} onChange={setName} maxLength={100} isRequired autoFocus />
        <Toggle isSelected={isLater} onChange={setLater}>
          {start.schedule}
        </Toggle>
        {isLater && (
          <>
            <Field
              label={start.startsAt}
              inputType="datetime-local"
              value={startsAt}
              onChange={setStartsAt}
              isRequired
            />
            <Field
              label={start.minutes}
              inputType="number"
              min={5}
              max={1440}
              value={minutes}
              onChange={setMinutes}
              isRequired
            />
          </>
        )}
        <Choice
          label={start.entry}
          options={entries}
          selected={entry}
          onSelect={(id) => setEntry(entries.find((each) => each.id === id)?.id ?? 'lobby')}
        />
        <Toggle isSelected={guests} onChange={setGuests}>
          {start.guests}
        </Toggle>
        {task.error !== null && <Notice tone="fault">{problemText(task.error, messages)}</Notice>}
        <div className="dialog-actions">
          <Button onPress={onEnd}>{common.cancel}</Button>
          <Button kind="primary" type="submit" pending={task.pending}>
            {start.createRoom}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
