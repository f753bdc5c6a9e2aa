import { Duplex } from 'node:stream';
import type { ChannelModel } from 'amqplib';

/**
 * amqplib writes every frame to its socket by a call of its own, which costs more than all else about a message. This lets
 * the socket gather what is written in one go and write it by one call, before anything else happens.
 */
export function gatherWrites({ connection }: ChannelModel): void {
  // Not a part of amqplib's interface: without it everything works as before.
  const socket: unknown = Reflect.get(connection, 'stream');
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
