import type { XStatic } from 'typebox/schema';
import type { ImportedApi, ImportedOperation } from '../contract/imported-api.ts';
import { type Caller, type CallOptions, readAnswer } from './caller.ts';
import { UpstreamError } from './upstream-error.ts';

/** Names of the operations: `GET /api/users/{id}`. */
export type OperationName<Api extends ImportedApi> = keyof Api['operations'] & string;

/** What a call of the operation needs, and what else it may say. */
export type ApiCallOptions<Operation extends ImportedOperation> = Pick<
  CallOptions,
  'timeoutMs' | 'idempotencyKey'
> &
  Part<Operation, 'params'> &
  Part<Operation, 'query'> &
  Part<Operation, 'body'>;

/** The body of any of its successes; undefined for one without. */
export type ApiAnswer<Operation extends ImportedOperation> = {
  [Status in keyof Operation['answers']]: Operation['answers'][Status] extends object
    ? XStatic<Operation['answers'][Status]>
    : undefined;
}[keyof Operation['answers']];

/** Codes of the problems that the operations answer on purpose. */
export type ApiProblem<Api extends ImportedApi> = {
  [Name in OperationName<Api>]: keyof Api['operations'][Name]['problems'] & string;
}[OperationName<Api>];

/** A client of another service, typed by the copy of its contract. */
export interface ApiClient<Api extends ImportedApi> {
  /**
   * Rejects with `UnavailableError` when no instance answered, and with `UpstreamError` when the answer was a refusal or
   * is not one of the contract.
   */
  call<Name extends OperationName<Api>>(
    name: Name,
    ...options: OptionsOf<Api['operations'][Name]>
  ): Promise<ApiAnswer<Api['operations'][Name]>>;
}

type Part<Operation, Key extends string> = Operation extends { readonly [K in Key]: infer Schema }
  ? Given<Key, XStatic<Schema>>
  : unknown;

/** May be left out when nothing in it is required. */
type Given<Key extends string, Value> =
  Partial<Record<string, never>> extends Value ? { [K in Key]?: Value } : { [K in Key]: Value };

type OptionsOf<Operation extends ImportedOperation> =
  Record<never, never> extends ApiCallOptions<Operation>
    ? [options?: ApiCallOptions<Operation>]
    : [options: ApiCallOptions<Operation>];

export function createApiClient<Api extends ImportedApi>(api: Api, caller: Caller): ApiClient<Api> {
  function call<Name extends OperationName<Api>>(
    name: Name,
    ...options: OptionsOf<Api['operations'][Name]>
  ): Promise<ApiAnswer<Api['operations'][Name]>>;
  // What it resolves with was checked against the schema that its type comes from.
  async function call(name: OperationName<Api>, options: CallOptions = {}): Promise<unknown> {
    const [method = '', path = ''] = name.split(' ');
    const response = await caller.send(method, path, options);
    const schema = api.operations[name]?.answers[response.status];
    if (schema === undefined) {
      const reason = `it answered ${response.status}, which is not in its contract`;
      throw new UpstreamError(api.service, response.status, null, reason);
    }
    return schema === null ? undefined : readAnswer(api.service, response, schema);
  }
  return { call };
}

/** Whether a call of the other service was refused with this problem. */
export function isRefusal<Api extends ImportedApi>(
  error: unknown,
  api: Api,
  code: ApiProblem<Api>,
): error is UpstreamError {
  return error instanceof UpstreamError && error.service === api.service && error.code === code;
}
