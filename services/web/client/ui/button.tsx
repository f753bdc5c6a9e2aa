import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import './button.css';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'style' | 'isPending'> {
  kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  icon?: ReactNode;
  /** What it does goes on: it looks and says so, and keeps the focus. */
  pending?: boolean;
  children: ReactNode;
}

/** What does something. */
export function Button({ kind = 'plain', icon, pending = false, children, ...props }: ButtonProps) {
  return (
    <AriaButton
      {...props}
      className={`button button-${kind}`}
      {...(pending ? { 'data-pending': true, 'aria-disabled': true } : {})}
    >
      {icon}
      <span>{children}</span>
    </AriaButton>
  );
}
