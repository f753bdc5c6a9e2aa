import { Switch, type SwitchProps } from 'react-aria-components';
import './field.css';

/** On or off, at once. */
export function Toggle({
  children,
  ...props
}: Omit<SwitchProps, 'className' | 'children'> & { children: string }) {
  return (
    <Switch {...props} className="toggle">
      <span className="toggle-track" aria-hidden="true" />
      {children}
    </Switch>
  );
}
