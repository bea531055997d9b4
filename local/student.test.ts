import * as assert from "assert/strict";
import * as http from "http";
import type * as net from "net";
import { json } from "stream/consumers";
import { setTimeout as delay } from "timers/promises";
import { studentToken } from "./student";
import { useTemporaryFolder } from "./testing/temporary-folder";

describe("the local system's student", () => {
  const folder = useTemporaryFolder();

  it("is signed in by two commands at once", async () => {
    let password: string | undefined;
    const server = http.createServer((request, response) => {
      void (async () => {
        const body = (await json(request)) as { Password?: string; AuthParameters?: { PASSWORD: string } };
        password = body.Password ?? password;
        // Enough for another command to come in between.
        await delay(20);
        const wrong = body.AuthParameters !== undefined && body.AuthParameters.PASSWORD !== password;
        const tokens = { AccessToken: "access", IdToken: "id", RefreshToken: "refresh" };
        response.writeHead(wrong ? 400 : 200, { "content-type": "application/x-amz-json-1.1" });
        response.end(JSON.stringify(wrong ? { __type: "NotAuthorizedException" } : { AuthenticationResult: tokens }));
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    const outputs = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: "eu-central-1",
      COGNITO_USER_POOL_ID: "eu-central-1_pool",
      COGNITO_CLIENT_ID: "client",
    };

    const tokens = await Promise.all([1, 2].map(() => studentToken(folder(), outputs))).finally(() => {
      server.close();
      server.closeAllConnections();
    });

    assert.deepEqual(tokens, ["access", "access"]);
  });
});
