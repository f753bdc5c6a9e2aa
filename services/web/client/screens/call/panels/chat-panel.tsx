import { useEffect, useLayoutEffect, useRef } from 'react';
import type { Message } from '../../../api/messages.ts';
import type { Chat, ChatState, Outgoing } from '../../../call/chat.ts';
import { useLanguage, useMessages } from '../../../i18n/language.tsx';
import { Button } from '../../../ui/button.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { problemText } from '../../../ui/problem-text.ts';
import { useTask } from '../../../ui/use-task.ts';
import { ChatField } from './chat-field.tsx';
import { SidePanel } from './side-panel.tsx';
import { TextWithLinks } from './text-with-links.tsx';
import './chat-panel.css';

/** Messages of one person within so long stand under one name, in ms. */
const TOGETHER_MS = 3 * 60_000;

/** What was written in the room, and a field to write. */
export function ChatPanel({
  chat,
  state,
  me,
  mayWrite,
  onClose,
}: {
  chat: Chat;
  state: ChatState;
  /** Id of the user here. */
  me: string;
  mayWrite: boolean;
  onClose(): void;
}) {
  const messages = useMessages();
  const { chat: texts } = messages;
  const older = useTask();
  const list = useStickToEnd();
  useEffect(() => {
    chat.show(true);
    return () => chat.show(false);
  }, [chat]);
  return (
    <SidePanel title={texts.title} onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div ref={list} className="chat-list" role="log" aria-label={texts.title} tabIndex={0}>
        {state.hasOlder && (
          <Button kind="quiet" pending={older.pending} onPress={() => older.run(() => chat.loadOlder())}>
            {texts.older}
          </Button>
        )}
        {older.error !== null && <Notice tone="fault">{problemText(older.error, messages)}</Notice>}
        {state.line === 'live' && state.messages.length + state.outgoing.length === 0 && (
          <p className="chat-nothing">{texts.nothing}</p>
        )}
        {state.messages.map((message, index) => (
          <Written
            key={message.cursor}
            message={message}
            isMine={message.user === me}
            goesOn={goesOn(state.messages[index - 1], message)}
          />
        ))}
        {state.outgoing.map((message) => (
          <Unsent key={message.id} chat={chat} message={message} />
        ))}
      </div>
      {state.line === 'reconnecting' && <Notice>{texts.reconnecting}</Notice>}
      {state.line === 'refused' && <Notice tone="fault">{texts.refused}</Notice>}
      {mayWrite ? <ChatField onSend={(text) => chat.send(text)} /> : <Notice>{texts.mayNotWrite}</Notice>}
    </SidePanel>
  );
}

function Written({ message, isMine, goesOn }: { message: Message; isMine: boolean; goesOn: boolean }) {
  const { chat: texts } = useMessages();
  const { language } = useLanguage();
  const sentAt = new Date(message.sentAt);
  const time = new Intl.DateTimeFormat(language, {
    ...(isToday(sentAt) ? {} : { dateStyle: 'short' }),
    timeStyle: 'short',
  }).format(sentAt);
  return (
    <div className={isMine ? 'chat-message chat-mine' : 'chat-message'}>
      {!goesOn && (
        <div className="chat-head">
          <bdi className="chat-name">{isMine ? texts.you : message.name}</bdi>
          <time dateTime={message.sentAt}>{time}</time>
        </div>
      )}
      <p className="chat-text" dir="auto">
        <TextWithLinks text={message.text} />
      </p>
    </div>
  );
}

function Unsent({ chat, message }: { chat: Chat; message: Outgoing }) {
  const messages = useMessages();
  const { chat: texts } = messages;
  const { id, text, problem } = message;
  return (
    <div className="chat-message chat-mine chat-unsent">
      <p className="chat-text" dir="auto">
        {text}
      </p>
      {problem === null ? (
        <span className="chat-sending">{texts.sending}</span>
      ) : (
        <>
          <Notice tone="fault">
            {texts.notSent} {problemText(problem, messages, { 'text-refused': texts.tooLong })}
          </Notice>
          <span className="chat-actions">
            <Button kind="quiet" onPress={() => chat.sendAgain(id)}>
              {texts.again}
            </Button>
            <Button kind="quiet" onPress={() => chat.discard(id)}>
              {texts.discard}
            </Button>
          </span>
        </>
      )}
    </div>
  );
}

/** Keeps the end of a list in view while it grows, unless somebody has scrolled up. */
function useStickToEnd() {
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    const look = () => {
      isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    };
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, []);
  useLayoutEffect(() => {
    const element = list.current;
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
  });
  return list;
}

function goesOn(former: Message | undefined, message: Message): boolean {
  return (
    former?.user === message.user && Date.parse(message.sentAt) - Date.parse(former.sentAt) < TOGETHER_MS
  );
}

function isToday(date: Date): boolean {
  return date.toDateString() === new Date().toDateString();
}
