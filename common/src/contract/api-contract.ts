import type { OpenapiDocument } from '../http/openapi-document.ts';
import { Type } from '../schema.ts';
import { validatorOf, violationsOf } from '../validator.ts';

const SchemaSchema = Type.Record(Type.String(), Type.Unknown());
const ContentSchema = Type.Record(Type.String(), Type.Object({ schema: Type.Optional(SchemaSchema) }));

const OperationSchema = Type.Object({
  parameters: Type.Optional(
    Type.Array(Type.Object({ name: Type.String(), in: Type.String(), schema: SchemaSchema })),
  ),
  requestBody: Type.Optional(Type.Object({ content: ContentSchema })),
  responses: Type.Record(Type.String(), Type.Object({ content: Type.Optional(ContentSchema) })),
  'x-problems': Type.Optional(Type.Record(Type.String(), Type.Integer())),
});

/** `contract/openapi.json`, as far as it must be understood here. */
const isApiContract = validatorOf(
  Type.Unsafe<OpenapiDocument>(
    Type.Object({
      openapi: Type.String({ pattern: '^3\\.1\\.' }),
      paths: Type.Record(Type.String(), Type.Record(Type.String(), OperationSchema)),
    }),
  ),
);

/** @throws Error for text that is no OpenAPI as we write it */
export function parseApiContract(text: string): OpenapiDocument {
  const value: unknown = JSON.parse(text);
  if (isApiContract(value)) return value;
  const found = violationsOf(isApiContract.errors ?? []);
  throw new Error(`not an OpenAPI 3.1: ${found.map((each) => `${each.pointer} ${each.detail}`).join('; ')}`);
}
