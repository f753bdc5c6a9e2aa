/** What somebody who relies on a part of a contract would stumble over. */
export interface Break {
  /** An event (`room.created version 1`) or an operation (`GET /api/rooms/{id}`). */
  part: string;
  /** In words, `/name may be missing`. */
  found: string;
}
