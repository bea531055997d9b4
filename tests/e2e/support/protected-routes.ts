import { call } from "./api";

const anItem = "/items/0198c000-0000-7000-8000-000000000000";

const routes = [
  ["POST", "/uploads"],
  ["GET", "/items"],
  ["GET", anItem],
  ["DELETE", anItem],
] as const;

/** The status with which each protected route answers a token. */
export async function answers(token?: string): Promise<number[]> {
  const options = token === undefined ? {} : { token };
  return Promise.all(routes.map(async ([method, route]) => (await call(method, route, options)).status));
}

/** The same status on each protected route. */
export const everywhere = (status: number): number[] => routes.map(() => status);
