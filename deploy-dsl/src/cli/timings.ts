import { writeFileSync } from 'node:fs';

/**
 * Writes where the time went when the process ends: the marks that the parts of a command leave (`performance.mark`), as
 * JSON, name to milliseconds since 1970. For the bench; a mark costs microseconds, so that they are always left.
 */
export function keepTimings(file: string): void {
  process.on('exit', () => {
    const marks = performance.getEntriesByType('mark');
    const times = marks.map(({ name, startTime }) => [name, performance.timeOrigin + startTime]);
    writeFileSync(file, JSON.stringify(Object.fromEntries(times)));
  });
}
