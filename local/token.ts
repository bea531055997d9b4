import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { rootCredentials } from "./emulator";
import { instanceFolder } from "./folders";
import { main } from "./main";
import { signInTestUser } from "./sign-in";
import { savedOutputs } from "./system";

const student = "student@example.com";

const help = `npm run token --silent: prints an access token of ${student}, a user of the running local system.`;

main(help, async () => {
  // Advice for this project's developers, not for who asks for a token.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const outputs = await savedOutputs(instanceFolder("main"));
  const client = new CognitoIdentityProviderClient({
    endpoint: String(outputs.AWS_ENDPOINT_URL),
    region: String(outputs.AWS_REGION),
    credentials: rootCredentials,
  });
  const directory = {
    client,
    userPoolId: String(outputs.COGNITO_USER_POOL_ID),
    clientId: String(outputs.COGNITO_CLIENT_ID),
  };
  const { accessToken } = await signInTestUser(directory, student);
  process.stdout.write(`${accessToken}\n`);
});
