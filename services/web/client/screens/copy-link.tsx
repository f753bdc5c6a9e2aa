import { Check, Link2 } from 'lucide-react';
import { useState } from 'react';
import { useMessages } from '../i18n/language.tsx';
import { IconButton } from '../ui/icon-button.tsx';

/** Puts the whole address into the clipboard, and says so. */
export function CopyLink({ path }: { path: string }) {
  const { start, common } = useMessages();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(new URL(path, location.href).href);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <>
      <IconButton
        label={start.copyLink}
        icon={copied ? <Check size={18} /> : <Link2 size={18} />}
        onPress={() => void copy()}
      />
      <span role="status" className="visually-hidden">
        {copied ? common.copied : ''}
      </span>
    </>
  );
}
