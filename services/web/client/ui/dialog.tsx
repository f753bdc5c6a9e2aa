import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useMessages } from '../i18n/language.tsx';
import { IconButton } from './icon-button.tsx';
import './dialog.css';

/** Something to be done before going on; Escape, a click beside it and the cross end it. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose(): void;
  children: ReactNode;
}) {
  const { common } = useMessages();
  return (
    <ModalOverlay className="dialog-overlay" isOpen isDismissable onOpenChange={onClose}>
      <Modal className="dialog">
        <AriaDialog className="dialog-content">
          <header className="dialog-header">
            <Heading slot="title">{title}</Heading>
            <IconButton label={common.close} icon={<X size={18} />} onPress={onClose} />
          </header>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
