import { SendHorizontal } from 'lucide-react';
import { useState } from 'react';
import { TextArea, TextField } from 'react-aria-components';
import { useMessages } from '../../../i18n/language.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import '../../../ui/field.css';

/** A text of more lines is sent by Enter; a new line is Shift and Enter. */
export function ChatField({ onSend }: { onSend(text: string): void }) {
  const { chat } = useMessages();
  const [text, setText] = useState('');
  const send = () => {
    if (text.trim() === '') return;
    onSend(text.trim());
    setText('');
  };
  return (
    <form
      className="chat-field"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <TextField aria-label={chat.write} value={text} onChange={setText} maxLength={4_000} autoFocus>
        <TextArea
          className="field-input chat-input"
          placeholder={chat.write}
          rows={Math.min(6, text.split('\n').length)}
          dir="auto"
          onKeyDown={(event) => {
            // Enter also ends a word of an input method.
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
      </TextField>
      <IconButton type="submit" label={chat.send} icon={<SendHorizontal size={18} />} />
    </form>
  );
}
