/** A stack's state as an update left it that was killed, and how it is mended. */

/** A resource in a stack's state, as far as it is looked at. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Inputs;
  readonly outputs?: Inputs;
  /** Whether it is a plugin's, and not a component. */
  readonly custom?: boolean;
  /** Whether the engine refuses to delete it. */
  readonly protect?: boolean;
  /** It is deleted by the next update. */
  readonly delete?: boolean;
  /** It is deleted already, and what takes its place is to be created. */
  readonly pendingReplacement?: boolean;
}

/** What a resource was asked to be; secrets are objects that hold the encrypted value. */
export type Inputs = Readonly<Record<string, unknown>>;

/** The inputs by which resources are told from each other, as the types that are decided about have them. */
export interface KnownInputs {
  readonly action: string;
  readonly apiId: string;
  readonly bucket: string;
  readonly cidrBlock?: string;
  readonly cidrIpv4?: string;
  readonly dbInstanceIdentifier: string;
  readonly dbProxyName: string;
  readonly destinationCidrBlock: string;
  readonly eventSourceArn: string;
  readonly fromPort: number;
  readonly function: string;
  readonly functionName: string;
  readonly groupName?: string;
  readonly identifier: string;
  readonly integrationUri: string;
  readonly ipProtocol: string;
  readonly name: string;
  readonly prefixListId?: string;
  readonly principal: string;
  readonly qualifier?: string;
  readonly referencedSecurityGroupId?: string;
  readonly routeKey: string;
  readonly routeTableId: string;
  readonly securityGroupId: string;
  readonly sourceArn: string;
  readonly subnetId: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly targetGroupName: string;
  readonly toPort: number;
  readonly url: string;
  readonly userPoolId: string;
  readonly vpcId: string;
}

/** What an update was doing when it was killed. */
export interface PendingOperation {
  readonly type: "creating" | "updating" | "deleting" | "reading" | "importing";
  readonly resource: Resource;
}

/** What `pulumi stack export` prints, as far as it is looked at. */
export interface State {
  readonly deployment: {
    readonly resources?: readonly Resource[];
    readonly pending_operations?: readonly PendingOperation[];
  };
}

/** What an update was doing when it was killed. */
export function pendingOperations({ deployment }: State): readonly PendingOperation[] {
  return deployment.pending_operations ?? [];
}

/** The resources that the state has. */
export function resourcesOf({ deployment }: State): readonly Resource[] {
  return deployment.resources ?? [];
}

/** Resources that were taken into the state, and not yet read from AWS. */
export function unreadResources(state: State): Resource[] {
  return resourcesOf(state).filter(
    ({ custom, type, outputs = {} }) =>
      custom === true && !type.startsWith("pulumi:") && Object.keys(outputs).length === 0,
  );
}

/** A resource that exists although Pulumi's state does not have it. */
export interface Found {
  readonly urn: string;
  /** Its id, as Pulumi imports it. */
  readonly importId: string;
  /** Whether it is deleted by the next update: another one of its name is in use. */
  readonly surplus: boolean;
}

/**
 * The state with the resources that were found in it. Their outputs are left empty, so that a refresh reads all of them from
 * AWS, and takes those out again that do not exist.
 *
 * `pulumi refresh --import-pending-creates` would mark the operations as imports, which nothing in the engine (3.250) carries
 * out: the resources would be forgotten.
 *
 * @param state is not changed.
 */
export function withFound(state: State, found: readonly Found[]): State {
  const resources = [...resourcesOf(state)];
  for (const { urn, importId, surplus } of found) {
    const operation = pendingOperations(state).findLast(
      ({ type, resource }) => type === "creating" && resource.urn === urn,
    );
    if (operation === undefined) throw new Error(`no pending creation of ${urn}`);
    const resource = { ...operation.resource, id: importId, outputs: {}, ...(surplus ? { delete: true } : {}) };
    const index = inUse(resources, urn);
    const earlier = resources[index];
    if (earlier?.pendingReplacement) {
      resources[index] = resource;
      continue;
    }
    // As the engine notes it once a replacement is there: what it replaces goes at the end of the update.
    if (earlier && !surplus) resources[index] = { ...earlier, delete: true };
    resources.push(resource); // All that it depends on was there before its creation began.
  }
  // `pulumi stack import` drops the pending operations; those of updates and deletions have their resources in the state.
  return { ...state, deployment: { ...state.deployment, resources } };
}

/** Where the state has the resource that is in use under a URN; -1 where it has none. */
function inUse(resources: readonly Resource[], urn: string): number {
  return resources.findIndex((resource) => resource.urn === urn && resource.delete !== true);
}

/** The resource that is in use under a URN, and exists. */
export function resourceInUse(state: State, urn: string): Resource | undefined {
  const resource = resourcesOf(state)[inUse(resourcesOf(state), urn)];
  return resource?.pendingReplacement ? undefined : resource;
}

/** A resource's type and logical name: `aws:iam/role:Role api`. */
export function nameOf({ type, urn }: Resource): string {
  return `${type} ${urn.split("::").at(-1)}`;
}
