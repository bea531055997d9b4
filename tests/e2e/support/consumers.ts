/** The functions that a queue wakes, in the order of the work. */
export const consumers = ["image-processor", "document-processor", "analyzer", "embedder"] as const;

export type ConsumerName = (typeof consumers)[number];
