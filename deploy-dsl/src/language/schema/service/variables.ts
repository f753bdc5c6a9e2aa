import Type from 'typebox';

export const environmentValue = Type.Union(
  [
    Type.String({ title: 'a text', maxLength: 32_768 }),
    Type.Number({ title: 'a number' }),
    Type.Boolean({ title: 'true or false' }),
  ],
  { title: 'a text, a number, true or false' },
);
