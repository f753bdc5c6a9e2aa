import { type ReactNode, useState } from 'react';
import { Form } from 'react-aria-components';
import { DeviceButton } from '../devices/device-button.tsx';
import { DeviceChoices } from '../devices/device-choices.tsx';
import { DeviceFaults } from '../devices/device-faults.tsx';
import type { Devices, DevicesState } from '../devices/devices.ts';
import { OwnPicture } from '../devices/own-picture.tsx';
import { useMessages } from '../i18n/language.tsx';
import { usePerson } from '../services.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import './pre-join.css';

/** Before a call: how one looks and sounds, and under which name. */
export function PreJoin({
  name: roomName,
  devices: own,
  state,
  speaker,
  onSpeaker,
  pending,
  onJoin,
  onSignIn,
  children,
}: {
  /** Of the room; null where it is not known. */
  name: string | null;
  devices: Devices;
  state: DevicesState;
  speaker: string;
  onSpeaker(id: string): void;
  pending: boolean;
  /** @param name of whoever has no session yet; null for whoever is signed in */
  onJoin(name: string | null): void;
  onSignIn(): void;
  /** Why joining failed. */
  children: ReactNode;
}) {
  const { room, account, devices } = useMessages();
  const person = usePerson();
  const [name, setName] = useState('');
  return (
    <main className="pre-join">
      <section className="pre-join-picture" aria-label={devices.preview}>
        <OwnPicture track={state.camera.track} name={person?.name ?? name} />
        <div className="pre-join-buttons">
          <DeviceButton kind="microphone" devices={own} state={state.microphone} />
          <DeviceButton kind="camera" devices={own} state={state.camera} />
        </div>
        <DeviceFaults state={state} />
      </section>
      <section className="card" aria-labelledby="pre-join-title">
        <h1 id="pre-join-title" className="pre-join-title">
          {roomName ?? room.title}
        </h1>
        <Form
          className="start-enter"
          onSubmit={(event) => {
            event.preventDefault();
            onJoin(person === null ? name.trim() : null);
          }}
        >
          {person === null && (
            <>
              <Field
                label={account.name}
                autoComplete="name"
                value={name}
                onChange={setName}
                maxLength={80}
                isRequired
              />
              <p className="pre-join-guest">
                {room.asGuest}{' '}
                <Button kind="quiet" onPress={onSignIn}>
                  {room.signInInstead}
                </Button>
              </p>
            </>
          )}
          {children}
          <Button kind="primary" type="submit" pending={pending}>
            {pending ? room.joining : room.join}
          </Button>
        </Form>
        <DeviceChoices devices={own} state={state} speaker={speaker} onSpeaker={onSpeaker} />
      </section>
    </main>
  );
}
