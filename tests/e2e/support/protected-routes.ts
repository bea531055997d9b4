import * as http from "http";
import * as https from "https";
import { type FunctionDefinition, functions } from "../../../functions";
import { theTarget } from "./target";

/** An item that nobody has. */
const anItem = "0198c000-0000-7000-8000-000000000000";

/** Every route of the API that is not public, as `GET /items/{item_id}`. */
const protectedRoutes = Object.values<FunctionDefinition>(functions)
  .flatMap(({ routes = [] }) => routes)
  .filter((route) => route.public !== true)
  .map(({ route }) => route);

/** What is sent to prove who asks. */
export interface Proof {
  /** Headers in turn, so that one name may come twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly query?: string;
}

/** The header that carries a token. */
export const bearer = (token: string): readonly [string, string] => ["Authorization", `Bearer ${token}`];

/** The status with which each protected route answers a proof. */
export async function answers(proof: Proof): Promise<Record<string, number>> {
  const found = await Promise.all(protectedRoutes.map(async (route) => [route, await status(route, proof)] as const));
  return Object.fromEntries(found);
}

/** The same status on each protected route. */
export const everywhere = (answer: number): Record<string, number> =>
  Object.fromEntries(protectedRoutes.map((route) => [route, answer]));

// Not `fetch`, which would send one header of two.
async function status(route: string, { headers = [], query }: Proof): Promise<number> {
  const [method, path = ""] = route.split(" ");
  const url = new URL(`${theTarget().apiBaseUrl}${path.replace("{item_id}", anItem)}${query ? `?${query}` : ""}`);
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    request(url, { method, headers: ["Host", url.host, ...headers.flat()] }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    })
      .once("error", reject)
      .end();
  });
}
