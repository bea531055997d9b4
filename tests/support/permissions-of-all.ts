/** What every function may do: write its logs, send traces, and be connected to the network, which its code cannot use. */
export function permissionsOfAll(functionName: string): unknown[] {
  const networkInterfaces = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ];
  return [
    {
      Sid: "WriteOwnLogs",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: `arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/${functionName}:*`,
    },
    {
      Sid: "SendTraces",
      Effect: "Allow",
      Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
      Resource: "*",
    },
    { Sid: "ConnectToNetwork", Effect: "Allow", Action: networkInterfaces, Resource: "*" },
    {
      Sid: "KeepCodeFromNetworkInterfaces",
      Effect: "Deny",
      Action: networkInterfaces,
      Resource: "*",
      Condition: {
        ArnEquals: { "lambda:SourceFunctionArn": `arn:aws:lambda:eu-central-1:123456789012:function:${functionName}` },
      },
    },
  ];
}
