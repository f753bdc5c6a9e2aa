import { useMessages } from '../../../i18n/language.tsx';
import { Button } from '../../../ui/button.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { problemText } from '../../../ui/problem-text.ts';
import { useTask } from '../../../ui/use-task.ts';
import type { useLobby } from '../use-lobby.ts';

/** Those in the lobby, each to be let in or kept out. */
export function WaitingList({ lobby: { waiting, decide } }: { lobby: ReturnType<typeof useLobby> }) {
  const messages = useMessages();
  const { people: texts } = messages;
  const task = useTask();
  if (waiting.length === 0) return null;
  return (
    <section aria-label={texts.waiting}>
      <h3 className="people-heading">{texts.waiting}</h3>
      {task.error !== null && <Notice tone="fault">{problemText(task.error, messages)}</Notice>}
      <ul className="people">
        {waiting.map(({ userId, name }) => (
          <li key={userId} className="people-row">
            <bdi className="people-name">{name}</bdi>
            <Button
              kind="primary"
              aria-label={texts.admitWhom(name)}
              onPress={() => task.run(() => decide(userId, true))}
            >
              {texts.admit}
            </Button>
            <Button aria-label={texts.denyWhom(name)} onPress={() => task.run(() => decide(userId, false))}>
              {texts.deny}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
