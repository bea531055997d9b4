/** JSON Web Tokens as somebody makes them who has no right to (RFC 7519, RFC 7515). */
import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from "crypto";
import { theTarget } from "./target";

type Json = Readonly<Record<string, unknown>>;

/** What a token is made of. */
export interface TokenParts {
  readonly header: Json;
  readonly claims: Json;
  /** In base64url, as it stands in the token. */
  readonly signature: string;
}

export function takeApart(token: string): TokenParts {
  const [header = "", claims = "", signature = ""] = token.split(".");
  return { header: decoded(header), claims: decoded(claims), signature };
}

export function putTogether({ header, claims, signature }: TokenParts): string {
  return `${signedPart(header, claims)}.${signature}`;
}

/** A token with the signature of a private RSA key (RS256). */
export function signed(header: Json, claims: Json, key: KeyObject): string {
  const signature = sign("sha256", Buffer.from(signedPart(header, claims)), key).toString("base64url");
  return putTogether({ header, claims, signature });
}

/** A token with the code of a shared secret (HS256). */
export function authenticated(header: Json, claims: Json, secret: string): string {
  const signature = createHmac("sha256", secret).update(signedPart(header, claims)).digest("base64url");
  return putTogether({ header, claims, signature });
}

/** A key pair that nobody trusts. */
export function ownKeys(): { readonly privateKey: KeyObject; readonly jwk: JsonWebKey } {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { privateKey, jwk: publicKey.export({ format: "jwk" }) };
}

/** The public key that the user pool publishes for the tokens of a key id, as text. */
export async function publishedKey(kid: unknown, issuer: string): Promise<string> {
  const { aws, userPoolId } = theTarget();
  const base = aws.endpoint === undefined ? issuer : `${aws.endpoint}/${userPoolId}`;
  const response = await fetch(`${base}/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { readonly keys: readonly (JsonWebKey & { readonly kid: string })[] };
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new Error(`the user pool publishes no key ${String(kid)}`);
  return createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" }).toString();
}

const signedPart = (header: Json, claims: Json): string => `${encoded(header)}.${encoded(claims)}`;
const encoded = (part: Json): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const decoded = (part: string): Json => JSON.parse(Buffer.from(part, "base64url").toString()) as Json;
