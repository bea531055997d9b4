/** What images are built for, and functions run on. */

/** As Lambda names it; https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html. */
export const architecture = "x86_64";

/** The same as BuildKit names it. */
export const platform = "linux/amd64";
