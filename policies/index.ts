/** The policy pack: `pulumi preview --policy-pack policies`. */
import { PolicyPack } from "@pulumi/policy";
import { controls } from "./controls";
import { enforce } from "./enforce";
import { suppressions } from "./suppressions";

const today = new Date().toISOString().slice(0, 10);

new PolicyPack("student-helper", { policies: controls.map((control) => enforce(control, { suppressions, today })) });
