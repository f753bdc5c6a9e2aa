import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import './button.css';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'style'> {
  kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  icon?: ReactNode;
  children: ReactNode;
}

/** What does something. While it is pending it says so and cannot be pressed again. */
export function Button({ kind = 'plain', icon, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={`button button-${kind}`}>
      {icon}
      <span>{children}</span>
    </AriaButton>
  );
}
