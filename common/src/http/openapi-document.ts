/** JSON Schema as plain data. */
export type JsonSchema = Record<string, unknown>;

/** OpenAPI 3.1 as far as our documents use it. */
export interface OpenapiDocument {
  openapi: string;
  info: { title: string; description?: string; version: string };
  /** By path, `/api/rooms/{id}`, and method in lower case. */
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, JsonSchema> };
}

export interface Operation {
  summary?: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema?: JsonSchema }> };
  /** Who may call it; left out: everybody. */
  security?: object[];
  /** By status. */
  responses: Record<string, { content?: Record<string, { schema?: JsonSchema }> }>;
  /** Codes of the problems that it answers on purpose, and their status. */
  'x-problems'?: Record<string, number>;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: JsonSchema;
}

export const JSON_TYPE = 'application/json';

/** All operations of a document, by name: `GET /api/rooms/{id}`. */
export function operationsOf({ paths }: OpenapiDocument): Map<string, Operation> {
  return new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]),
    ),
  );
}
