import { print } from "../../../local/progress";
import { type ConsumerName, consumers } from "./consumers";
import { docker, workingContainers } from "./containers";
import { crashDatabase, cutConnections, rows } from "./database";
import { EventTap, type TappedEvent } from "./event-tap";
import {
  type FaultPlan,
  type PlannedDisturbance,
  type PlannedDuplicate,
  type PlannedUpload,
  students,
} from "./fault-plan";
import { type Fault, forgetCalls, setFaults } from "./models";
import { picture } from "./pictures";
import { deliver, queued, setVisibility } from "./queues";
import { oneOf } from "./random";
import { newStudent, type Student } from "./students";
import { uploadPatiently } from "./uploads";

/** The text of a document that no other has, so that a fault can be about it alone. */
const text = (number: number): string => `This note has the number ${number}, and no other note has it.`;

/** How many students' files are on their way at a time. */
const senders = 8;

/** What belongs to a file that is no picture and no document, whatever it is called. */
const unusable = Buffer.from("\x00\x01 neither a picture nor a text \xff\xfe\x00", "latin1");

/**
 * When a message of a killed function comes back: later than the longest run of a local function, after which its step may
 * be done again, and sooner than in the stack's own queues, for whose 144 s nobody waits here.
 */
const hurriedVisibilitySeconds = 30;

/** How long nothing may move; what has failed three times, the last by a vendor's fault, comes back after ten minutes. */
const patienceSeconds = 11 * 60;

/** Carries out a plan of faults on the stack under test. */
export class FaultRun {
  /** The items of the uploads that were acknowledged, by the uploads' numbers. */
  readonly items = new Map<number, string>();
  /** How often a container of a function was killed. */
  readonly kills = new Map<ConsumerName, number>();
  /** How often the database ended, and how many connections were cut. */
  readonly database = { crashes: 0, cutConnections: 0 };
  /** How often a student was refused, and tried again. */
  refusals = 0;
  /** The planned duplicates that were delivered; the others' events have never come. */
  readonly duplicates: PlannedDuplicate[] = [];
  /** From the first upload until nothing was left to do. */
  seconds = 0;
  readonly students: Student[] = [];
  private readonly uploadsByItem = new Map<string, PlannedUpload>();
  private readonly seen = new Set<string>();
  private isSending = true;

  constructor(
    private readonly plan: FaultPlan,
    private readonly random: () => number,
  ) {}

  /** Sends all uploads, disturbs meanwhile, and returns when nothing is left to do. */
  async run(): Promise<void> {
    for (let count = 0; count < students; count++) this.students.push(await newStudent());
    await forgetCalls();
    // Rules of its own for what a vendor refuses come first.
    await setFaults("fates", this.plan.uploads.flatMap(faultsOf));
    await setFaults("rates", this.plan.vendorFaults);
    const tap = await EventTap.open();
    const visibility = await setVisibility(hurriedVisibilitySeconds);
    const started = performance.now();
    try {
      const sending = this.send().finally(() => (this.isSending = false));
      await Promise.all([sending, this.follow(tap)]);
    } finally {
      await visibility.restore();
      await tap.close();
    }
    this.seconds = (performance.now() - started) / 1000;
  }

  private async send(): Promise<void> {
    const waiting = [...this.plan.uploads];
    const sender = async (): Promise<void> => {
      for (let upload = waiting.shift(); upload; upload = waiting.shift()) {
        const next = upload;
        const announced = (id: string): void => {
          this.items.set(next.number, id);
          this.uploadsByItem.set(id, next);
        };
        const { accessToken } = this.students[next.student]!;
        await uploadPatiently(accessToken, fileOf(next), announced, () => this.refusals++);
      }
    };
    await Promise.all(Array.from({ length: senders }, sender));
  }

  /** Follows the events, delivers some of them once more and disturbs, until nothing is left to do. */
  private async follow(tap: EventTap): Promise<void> {
    let due = [...this.plan.disturbances];
    let moved = Date.now();
    let told = Date.now();
    for (;;) {
      const events = await tap.next();
      await Promise.all(events.map((event) => this.deliverAgain(event)));
      for (const { consumer, itemId } of events) this.seen.add(`${consumer} ${itemId}`);
      due = await this.disturb(due);
      const busy = await queued();
      if (events.length > 0 || this.isSending) moved = Date.now();
      else if (Object.keys(busy).length === 0) return;
      else if (Date.now() - moved > patienceSeconds * 1000) {
        throw new Error(`nothing has moved for ${patienceSeconds} s, and the queues hold ${JSON.stringify(busy)}`);
      }
      if (Date.now() - told > 15_000) {
        told = Date.now();
        print(`       ${this.items.size} sent, ${this.seen.size} events, waiting ${JSON.stringify(busy)}`);
      }
    }
  }

  private async deliverAgain({ consumer, itemId, body }: TappedEvent): Promise<void> {
    const upload = this.uploadsByItem.get(itemId);
    const planned = this.plan.duplicates.find(
      (duplicate) => duplicate.upload === upload?.number && duplicate.consumer === consumer,
    );
    if (!planned || this.seen.has(`${consumer} ${itemId}`)) return;
    await deliver(consumer, body, planned.delaySeconds);
    this.duplicates.push(planned);
  }

  /** Does what is due by now, and returns what is left: also what nothing could be done to yet. */
  private async disturb(due: readonly PlannedDisturbance[]): Promise<PlannedDisturbance[]> {
    const left: PlannedDisturbance[] = [];
    for (const disturbance of due) {
      if (disturbance.afterEvents > this.seen.size || !(await this.happens(disturbance))) left.push(disturbance);
    }
    return left;
  }

  private async happens(disturbance: PlannedDisturbance): Promise<boolean> {
    switch (disturbance.kind) {
      case "crash":
        await crashDatabase();
        this.database.crashes++;
        print("       ended the database, and started it again");
        return true;
      case "cut":
        this.database.cutConnections += await cutConnections();
        print("       cut the functions off from the database");
        return true;
      case "kill":
        return this.kill(disturbance.consumer);
    }
  }

  /** Kills a container that is at work, of this function if one of it is; tells whether one was. */
  private async kill(planned: ConsumerName): Promise<boolean> {
    for (const consumer of [planned, ...consumers]) {
      const working = await workingContainers(consumer);
      if (working.length === 0) continue;
      await docker("kill", oneOf(working, this.random));
      this.kills.set(consumer, (this.kills.get(consumer) ?? 0) + 1);
      print(`       killed a container of the ${consumer}, which was at work`);
      return true;
    }
    return false;
  }
}

function fileOf({ number, kind, fate }: PlannedUpload): {
  readonly filename: string;
  readonly content_type: string;
  readonly content: Uint8Array;
} {
  const usable = kind === "picture" ? picture(number) : Buffer.from(text(number));
  return {
    filename: `${number}.${kind === "picture" ? "png" : "txt"}`,
    content_type: kind === "picture" ? "image/png" : "text/plain",
    content: fate === "unusable" ? unusable : usable,
  };
}

/** The vendor's faults that make an upload's fate. */
function faultsOf({ number, fate, vendor }: PlannedUpload): Fault[] {
  if (!vendor) return [];
  const match = text(number);
  if (fate === "refused") return [{ vendor, fault: "forbidden", match }];
  // A vendor that did not say when it will be back would be waited for much longer.
  return [{ vendor, fault: "overloaded", retry_after: 1, match }];
}

/** What the database knows of an item. */
export interface StoredItem {
  readonly item_id: string;
  readonly owner: string;
  readonly status: string;
  readonly object_version: string | null;
  readonly passages: number;
  readonly descriptions: number;
  readonly embedded: number;
  /** From the request for the upload until the last change. */
  readonly seconds: number;
}

/** All items of the students of a run. */
export async function storedItems(owners: readonly string[]): Promise<readonly StoredItem[]> {
  const list = owners.map((owner) => `'${owner}'`).join(", ");
  return rows<StoredItem>(
    `select item_id, owner, status, object_version, count(number) filter (where number > 0) as passages,
            count(number) filter (where number = 0) as descriptions, count(embedding) as embedded,
            extract(epoch from updated_at - created_at) as seconds
       from items left join passages using (item_id) where owner in (${list}) group by item_id`,
  );
}
