import { ChevronDown } from 'lucide-react';
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from 'react-aria-components';
import './field.css';

export interface ChoiceProps {
  label: string;
  /** The name is for those who cannot see only. */
  hideLabel?: boolean;
  options: readonly { id: string; name: string }[];
  selected: string;
  onSelect(id: string): void;
  isDisabled?: boolean;
  /** Shown where nothing is selected. */
  placeholder?: string;
}

/** One of a few. */
export function Choice(props: ChoiceProps) {
  const { label, hideLabel = false, options, selected, onSelect, isDisabled = false, placeholder } = props;
  return (
    <Select
      className="field"
      selectedKey={options.some(({ id }) => id === selected) ? selected : null}
      onSelectionChange={(key) => onSelect(String(key))}
      isDisabled={isDisabled || options.length === 0}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(hideLabel ? { 'aria-label': label } : {})}
    >
      {!hideLabel && <Label className="field-label">{label}</Label>}
      <Button className="field-input choice">
        <SelectValue className="choice-value" />
        <ChevronDown size={16} aria-hidden="true" />
      </Button>
      <Popover className="popover">
        <ListBox className="options" items={options}>
          {({ id, name }) => (
            <ListBoxItem id={id} textValue={name} className="option">
              {name}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
