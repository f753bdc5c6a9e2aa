/** What both sides of the comparison answer: about as much as a profile. */
export const profile = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  name: 'Ada Lovelace',
  createdAt: '2026-01-02T03:04:05.678Z',
  updatedAt: '2026-05-06T07:08:09.012Z',
  version: 3,
};

/** Below the name of the service, as every route is. */
export const path = '/api/bench/profile';

/** What a side says when it listens. */
export interface Listening {
  port: number;
  /** Header of a request that it lets in; empty where nobody looks. */
  authorization: string;
}
