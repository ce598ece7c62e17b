/** Preloaded into a program that `npm start` runs (`node --import`): ends it with us, also when we are killed. */
const parent = process.ppid;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGTERM");
}, 500).unref();
