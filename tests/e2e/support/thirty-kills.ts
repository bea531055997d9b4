/** Makes `npm run test:killed` the long run of what `npm test` does a few times. */
process.env.KILLS ??= "30";
