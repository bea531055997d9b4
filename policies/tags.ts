import type { StackControl } from "./control";

/** By these, a bill can be split. */
const costTags = ["project", "stack", "managed-by"];

export const costs: StackControl = {
  id: "Tags.Costs",
  description: "Whatever costs something carries the tags project, stack and managed-by, given once by the provider.",
  remediation: "Set aws:defaultTags in the stack's file.",
  url: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/cost-alloc-tags.html",
  checkStack: ({ resources }, report) => {
    const providers = resources.flatMap(({ type, provider }) =>
      type.startsWith("aws:") && provider !== undefined ? [provider] : [],
    );
    for (const provider of new Map(providers.map((each) => [each.urn, each])).values()) {
      const tags = tagsOf(provider.props["defaultTags"]);
      const missing = costTags.filter((tag) => !tags.includes(tag));
      if (missing.length === 0) continue;
      // The engine calls a default provider after its version, too: `default_7_48_0`.
      const name = provider.name.replace(/_\d+(_\w+)*$/, "");
      report({ ...provider, name }, `Resources lack the tags ${missing.join(", ")}.`);
    }
  },
};

/** Names of a provider's default tags, which configuration gives as JSON. */
function tagsOf(defaultTags: unknown): string[] {
  const { tags = {} } = (typeof defaultTags === "string" ? JSON.parse(defaultTags) : (defaultTags ?? {})) as {
    readonly tags?: Readonly<Record<string, string>>;
  };
  return Object.keys(tags);
}
