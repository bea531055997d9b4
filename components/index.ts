/** The project's components. */
export * from "./containerFunction";
export * from "./containerImage";
export * from "./httpApi";
export * from "./imageRepository";
export * from "./parameterStore";
export * from "./uploadBucket";
export * from "./userPool";
