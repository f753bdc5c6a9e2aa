import { Problem, problemType } from '@tandem/common';

export const turnAway = problemType('turn-away', 503, 'The TURN server does not run at the moment');

export const noServer = () => new Problem(turnAway, undefined, {});
