import { FieldError, Input, Label, Text, TextField, type TextFieldProps } from 'react-aria-components';
import './field.css';

export interface FieldProps extends Omit<TextFieldProps, 'className' | 'children' | 'style'> {
  label: string;
  hint?: string;
  /** What the browser shows for it: `datetime-local`, `number`, … */
  inputType?: string;
  min?: string | number;
  max?: string | number;
}

/** A line to type in, with its name above and help below. */
export function Field({ label, hint, inputType, min, max, ...props }: FieldProps) {
  return (
    <TextField {...props} className="field">
      <Label className="field-label">{label}</Label>
      <Input className="field-input" type={inputType ?? props.type} min={min} max={max} />
      {hint !== undefined && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error" />
    </TextField>
  );
}
