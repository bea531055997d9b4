import { aroundAllSuites } from "./hooks";
import { openEmptyTarget } from "./target";

/** A system whose stack is still to be made, for suites that make it themselves, or another one beside it. */
export const mochaHooks = aroundAllSuites(openEmptyTarget);
