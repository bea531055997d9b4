import * as fs from "fs/promises";
import { main } from "../local/main";
import { architecture, redrawn } from "./drawing";

const help = "npm run draw: draws the picture and the table in docs/architecture.md anew, from what the program makes.";

main(help, async () => fs.writeFile(architecture, await redrawn()));
