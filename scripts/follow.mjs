/**
 * Loaded into the program that `run.mjs` starts: when `run.mjs` is gone, however it went, the program is asked to end
 * as by Ctrl-C. Otherwise killing the launcher would leave orders running that nobody sees.
 */
const launcher = process.ppid
if (process.platform !== "win32") {
  const watching = setInterval(() => {
    if (process.ppid === launcher) return
    clearInterval(watching)
    process.kill(process.pid, "SIGINT")
  }, 300).unref()
}
