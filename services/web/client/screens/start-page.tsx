import { lazy, Suspense, useState } from 'react';
import { Form } from 'react-aria-components';
import { useLocation } from 'wouter';
import { useMessages } from '../i18n/language.tsx';
import { usePerson } from '../services.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { AccountForm } from './account-form.tsx';
import { Header } from './header.tsx';
import { pathOfRoom, roomOf } from './room-address.ts';
import './start-page.css';

/** Dialogs, search and dates are for those who are signed in. */
const MyRooms = lazy(async () => ({ default: (await import('./my-rooms.tsx')).MyRooms }));

/** Where everybody begins: join by a link, or see one's own rooms and make another. */
export function StartPage() {
  const { start } = useMessages();
  const person = usePerson();
  const hasAccount = person !== null && person.email !== null;
  return (
    <>
      <Header />
      <main className="start">
        <h1 className="visually-hidden">{start.title}</h1>
        <JoinByLink />
        <section className="card" aria-label={hasAccount ? start.yourRooms : undefined}>
          {hasAccount ? (
            <Suspense>
              <MyRooms person={person} />
            </Suspense>
          ) : (
            <AccountForm />
          )}
        </section>
      </main>
    </>
  );
}

function JoinByLink() {
  const { start } = useMessages();
  const [, navigate] = useLocation();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  return (
    <section className="card" aria-labelledby="join-by-link">
      <h2 id="join-by-link">{start.enterTitle}</h2>
      <Form
        className="start-enter"
        onSubmit={(event) => {
          event.preventDefault();
          const address = roomOf(text, location.origin);
          setWrong(address === null);
          if (address !== null) navigate(pathOfRoom(address));
        }}
      >
        <Field
          label={start.enterLabel}
          hint={wrong ? start.notARoom : start.enterHint}
          value={text}
          isInvalid={wrong}
          onChange={(value) => {
            setText(value);
            setWrong(false);
          }}
          isRequired
        />
        <Button kind="primary" type="submit">
          {start.enter}
        </Button>
      </Form>
    </section>
  );
}
