import { useMessages } from '../../i18n/language.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import './keys-dialog.css';

interface Setting {
  isOn: boolean;
  turn(on: boolean): void;
}

/** Which key does what, and whether the space bar is a microphone button. */
export function KeysDialog({
  keys: single,
  pushToTalk,
  onClose,
}: {
  /** Letters alone do something: who dictates, or whose hand slips, turns that off. */
  keys: Setting;
  pushToTalk: Setting;
  onClose(): void;
}) {
  const { call, keys } = useMessages();
  const rows = [
    ['M', keys.microphone],
    ['V', keys.camera],
    ['H', keys.hand],
    ['C', keys.chat],
    ['P', keys.people],
    ['?', keys.help],
    ...(pushToTalk.isOn ? [[keys.space, keys.pushToTalk] as const] : []),
  ] as const;
  return (
    <Dialog title={call.keys} onClose={onClose}>
      <dl className="keys">
        {rows.map(([key, text]) => (
          <div key={key} className="keys-row">
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <Toggle isSelected={single.isOn} onChange={(on) => single.turn(on)}>
        {keys.singleOn}
      </Toggle>
      <Toggle isSelected={pushToTalk.isOn} onChange={(on) => pushToTalk.turn(on)}>
        {keys.pushToTalkOn}
      </Toggle>
      <p className="keys-hint">{keys.pushToTalkHint}</p>
    </Dialog>
  );
}
