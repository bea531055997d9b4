import { sbomProgram } from "../../../operations/image-sbom";
import { aroundAllSuites } from "./hooks";
import { openTarget } from "./target";

/**
 * A system with a running stack. Syft, which its last suite wants and a bare machine builds, is built while AWS makes the
 * database; if that fails, that suite says so.
 */
export const mochaHooks = aroundAllSuites(() => openTarget(() => sbomProgram().catch(() => undefined)));
