import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { EventSource } from "./eventQueue";
import { shortName } from "./internal/limits";
import { physicalName } from "./internal/naming";
import { checkArguments } from "./internal/validation";

const rules = z.object({ name: shortName });

/**
 * The bus on which the functions tell each other what they have done. EventBridge encrypts it with a key of its own.
 *
 * @example
 * const pipeline = new EventBus("pipeline");
 * pipeline.events(["ImageProcessed"]);
 */
export class EventBus extends pulumi.ComponentResource {
  /** `source` of all events on it. */
  static readonly source = "student-helper";

  /** The bus's name. */
  readonly busName: pulumi.Output<string>;
  /** The bus's ARN. */
  readonly arn: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:events:EventBus", name, {}, opts);
    checkArguments(this, name, rules, { name });

    const bus = new aws.cloudwatch.EventBus(name, { name: physicalName(name) }, { parent: this });

    this.busName = bus.name;
    this.arn = bus.arn;
    this.registerOutputs({ busName: this.busName, arn: this.arn });
  }

  /**
   * Events of certain types.
   *
   * @param detailTypes their `detail-type`
   */
  events(detailTypes: readonly string[]): EventSource {
    return { busName: this.busName, pattern: { source: [EventBus.source], "detail-type": detailTypes } };
  }
}
