import { useState } from 'react';
import { Form, Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { useMessages } from '../i18n/language.tsx';
import { useServices } from '../services.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { problemText } from '../ui/problem-text.ts';
import { useTask } from '../ui/use-task.ts';
import './account-form.css';

/** Sign in, or make an account; the session tells everybody else. */
export function AccountForm() {
  const { account } = useMessages();
  return (
    <Tabs className="account">
      <TabList className="tabs" aria-label={account.signIn}>
        <Tab id="sign-in" className="tab">
          {account.signIn}
        </Tab>
        <Tab id="create" className="tab">
          {account.create}
        </Tab>
      </TabList>
      <TabPanel id="sign-in">
        <SignIn />
      </TabPanel>
      <TabPanel id="create">
        <Create />
      </TabPanel>
    </Tabs>
  );
}

function SignIn() {
  const messages = useMessages();
  const { account } = messages;
  const { session } = useServices();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const task = useTask();
  return (
    <Form
      className="account-form"
      onSubmit={(event) => {
        event.preventDefault();
        task.run(() => session.logIn(email, password));
      }}
    >
      <Field
        label={account.email}
        type="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        isRequired
      />
      <Field
        label={account.password}
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        isRequired
      />
      {task.error !== null && (
        <Notice tone="fault">
          {problemText(task.error, messages, {
            'wrong-credentials': account.wrong,
            'invalid-request': account.wrong,
          })}
        </Notice>
      )}
      <Button kind="primary" type="submit" pending={task.pending}>
        {account.signIn}
      </Button>
    </Form>
  );
}

function Create() {
  const messages = useMessages();
  const { account } = messages;
  const { session } = useServices();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const task = useTask();
  return (
    <Form
      className="account-form"
      onSubmit={(event) => {
        event.preventDefault();
        task.run(() => session.register(name.trim(), email, password));
      }}
    >
      <Field
        label={account.name}
        autoComplete="name"
        value={name}
        onChange={setName}
        maxLength={80}
        isRequired
      />
      <Field
        label={account.email}
        type="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        isRequired
      />
      <Field
        label={account.password}
        hint={account.passwordHint}
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
        minLength={12}
        isRequired
      />
      {task.error !== null && (
        <Notice tone="fault">
          {problemText(task.error, messages, {
            'email-taken': account.taken,
            'invalid-request': account.invalid,
            'weak-password': account.weakPassword,
          })}
        </Notice>
      )}
      <Button kind="primary" type="submit" pending={task.pending}>
        {account.create}
      </Button>
    </Form>
  );
}
