import type { ReactNode } from 'react';
import { Button, type ButtonProps, Tooltip, TooltipTrigger } from 'react-aria-components';
import './button.css';

export interface IconButtonProps extends Omit<ButtonProps, 'className' | 'children' | 'style'> {
  /** What it does, in words: its name for those who cannot see it, and what it shows when pointed at. */
  label: string;
  icon: ReactNode;
  /** Looks as a thing that is on, or off, or a way out. */
  tone?: 'plain' | 'on' | 'off' | 'danger';
}

/** A round button with a picture on it. */
export function IconButton({ label, icon, tone = 'plain', ...props }: IconButtonProps) {
  return (
    <TooltipTrigger delay={400}>
      <Button {...props} aria-label={label} className={`icon-button icon-button-${tone}`}>
        {icon}
      </Button>
      <Tooltip className="tooltip" offset={8}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
