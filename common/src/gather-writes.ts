import { Duplex } from 'node:stream';

/**
 * The clients of RabbitMQ and Redis write every frame and every command to their socket by a call of its own, which costs more
 * than all else about it. This lets the socket gather what is written in one go and write it by one call, before anything
 * else happens.
 *
 * @param client the object that has the socket; it is not a part of its interface: where there is none, nothing changes
 */
export function gatherWrites(client: object): void {
  const socket: unknown = Reflect.get(client, 'stream');
  if (!(socket instanceof Duplex)) return;
  const write = socket.write.bind(socket);
  let gathering = false;
  const uncork = () => {
    gathering = false;
    socket.uncork();
  };
  socket.write = (chunk: unknown, ...rest: never[]) => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      process.nextTick(uncork);
    }
    return write(chunk, ...rest);
  };
}
