/** Makes the long runs of what `npm test` does a few times. */
process.env.KILLS ??= "30";
process.env.FAULTS_UPLOADS ??= "1000";
process.env.UPLOADS_AT_ONCE ??= "50";
