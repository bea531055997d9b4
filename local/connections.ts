import * as net from "net";

/** Connects to an address and hangs up: undefined where somebody listens, else the error's code, such as `ECONNREFUSED`. */
export async function connectionError(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const end = (error: string | undefined): void => {
      socket.destroy();
      resolve(error);
    };
    socket.once("connect", () => end(undefined));
    socket.once("error", ({ code, message }: NodeJS.ErrnoException) => end(code ?? message));
  });
}
