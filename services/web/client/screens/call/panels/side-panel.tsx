import { X } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { useMessages } from '../../../i18n/language.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import './side-panel.css';

/** Something beside the pictures of a call, over them on a phone; Escape closes it. */
export function SidePanel({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose(): void;
  children: ReactNode;
}) {
  const { common } = useMessages();
  const id = useId();
  const [before] = useState(() => document.activeElement);
  return (
    <section
      className="side-panel"
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        onClose();
        // Whoever moves by the keyboard goes on where they were.
        if (before instanceof HTMLElement) before.focus();
      }}
    >
      <header className="side-panel-header">
        <h2 id={id}>{title}</h2>
        <IconButton label={common.close} icon={<X size={18} />} onPress={onClose} />
      </header>
      {children}
    </section>
  );
}
