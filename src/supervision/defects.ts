/**
 * Mistakes in the use of scopes. They are defects: the program is wrong, and the message says what to write instead.
 */
import { Cause, Data } from "effect"

/** Somebody awaited a job that had been cancelled on purpose; there is no value, and no failure either. */
export class JobCancelled extends Data.TaggedError("JobCancelled")<{ readonly job: string; readonly by: string }> {
  constructor(job: string, by: string) {
    super({ job, by })
  }
  override get message(): string {
    return `awaited "${this.job}", which was cancelled ${this.by}: look at job.settled where a job may have been cancelled`
  }
}

/** A job of a fail-fast scope was awaited from outside of it, and had failed. */
export class JobFailedElsewhere extends Data.TaggedError("JobFailedElsewhere")<{
  readonly job: string
  readonly failure: Cause.Cause<unknown>
}> {
  constructor(job: string, failure: Cause.Cause<unknown>) {
    super({ job, failure })
  }
  override get message(): string {
    return `awaited "${this.job}" from outside of its scope, and it had failed: await inside the scope, or look at job.settled. ${Cause.pretty(this.failure)}`
  }
}

const advice = {
  OuterHandle: "open the inner work with its own scope's handle, or launch before the inner scope opens",
  InsideSupervisedJob: "a supervised job is not supervised inside: open a scope of its own in the job",
  OutsideOfScope:
    "launch inside the generator that received the handle, or use Supervisor.make for work that outlives it",
  Completed: "the scope has completed and waits for nobody: launch earlier, or use Supervisor.make"
} as const

/** A launch where the handle must not be used. */
export class LaunchRefused extends Data.TaggedError("LaunchRefused")<{
  readonly because: keyof typeof advice
  readonly scope: string
  readonly from: string
}> {
  override get message(): string {
    const where = this.because === "Completed" ? "after its end" : `from ${this.from}`
    return `launched on "${this.scope}" ${where}: ${advice[this.because]}`
  }
}
