/** Does what `npm start` does, for a system of the tests: `node … start.ts INSTANCE CHECKOUT`. */
import { main } from "../../../local/main";
import { alone, applyStack, prepareSystem } from "../../../local/system";

main(
  "Starts a system of the tests.",
  async ({ args: [instance, checkout] }) => {
    await alone(instance!, async () => applyStack(instance!, await prepareSystem(instance!, checkout!)));
  },
  { parameters: ["INSTANCE", "CHECKOUT"] },
);
