/** The project's components. */
export * from "./checkpointTable";
export * from "./containerFunction";
export * from "./containerImage";
export * from "./databaseProxy";
export * from "./eventBus";
export * from "./eventQueue";
export * from "./httpApi";
export * from "./imageRepository";
export * from "./migration";
export * from "./network";
export * from "./parameterStore";
export * from "./postgresDatabase";
export * from "./schedule";
export * from "./uploadBucket";
export * from "./userPool";
export * from "./vpc";
