import { LogOut } from 'lucide-react';
import { Link } from 'react-aria-components';
import { isLanguage, languages, useLanguage, useMessages } from '../i18n/language.tsx';
import { OfflineNotice } from '../offline/offline-notice.tsx';
import { usePerson, useServices } from '../services.tsx';
import { Choice } from '../ui/choice.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import './header.css';

const options = Object.entries(languages).map(([id, { name }]) => ({ id, name }));

/** On top of every page but a call: where one is, who one is, in which language. */
export function Header() {
  const { common, account } = useMessages();
  const { language, choose } = useLanguage();
  const { session } = useServices();
  const person = usePerson();
  return (
    <>
      <OfflineNotice />
      <header className="header">
        <Link href="/" className="header-home">
          <img src="/icon.svg" alt="" width="32" height="32" />
          <span>Tandem</span>
          <span className="header-tagline">{common.tagline}</span>
        </Link>
        <div className="header-tools">
          {person !== null && (
            <>
              <span className="header-person">
                <span className="visually-hidden">{account.signedInAs(person.name)}</span>
                <span aria-hidden="true">{person.name}</span>
              </span>
              <IconButton
                label={account.signOut}
                icon={<LogOut size={18} />}
                onPress={() => void session.logOut()}
              />
            </>
          )}
          <Choice
            label={common.language}
            hideLabel
            options={options}
            selected={language}
            onSelect={(id) => isLanguage(id) && choose(id)}
          />
        </div>
      </header>
    </>
  );
}
