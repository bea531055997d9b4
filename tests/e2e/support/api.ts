import { theTarget } from "./target";

/** What the API answered. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** The JSON body; undefined where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Calls a route of the stack's API. */
export async function call(
  method: string,
  route: string,
  options: { readonly token?: string; readonly json?: unknown } = {},
): Promise<Answer> {
  const response = await fetch(`${theTarget().apiBaseUrl}${route}`, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.json === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(options.json === undefined ? {} : { body: JSON.stringify(options.json) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** A presigned POST, as `POST /uploads` hands it out. */
export interface PresignedPost {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Sends a file as a browser's form would. Returns S3's status. */
export async function postFile({ url, fields }: PresignedPost, content: Uint8Array): Promise<number> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob([new Uint8Array(content)]), "file");
  return (await fetch(url, { method: "POST", body: form })).status;
}
