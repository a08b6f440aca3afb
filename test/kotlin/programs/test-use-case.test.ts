/**
 * The eight ways to put a try/catch and a SupervisorJob around `async { doWork(i) }.await()`.
 *
 * What of them does not compile here stands in `refused.types.ts`.
 */
import * as TestUseCase from "../../../examples/kotlin/TestUseCase.ts"
import { compare } from "./comparison.ts"

compare(TestUseCase.S21, {
  "the failure is the scope's, whose type hands it to the caller": {
    trace: `
       100 working on 0
    -  100 UNCAUGHT (app crash) WorkException(work failed)
    +  100 caller caught WorkException(work failed)
       100 launch active=false completed=true cancelled=true (failed) | scope active=false completed=true cancelled=true (failed)
    `,
    because: "a failing launch does not compile without somebody who takes the failure: here the caller of the scope"
  }
})

compare(TestUseCase.S22, {
  "caught in the job, the failure reaches nobody else": {
    trace: `
       100 working on 0
       100 caught exception: WorkException(work failed)
    -  100 caught exception: JobCancellationException(Parent job is Cancelling) cause=WorkException
    -  100 UNCAUGHT (app crash) WorkException(work failed)
    -  100 launch active=false completed=true cancelled=true | scope active=false completed=true cancelled=true
    +  200 working on 1
    +  200 work result: 0
    +  200 launch: succeeded | scope: open
    `,
    because: "catching around await does not compile; the catch moves into the job, where it contains the failure"
  }
})

compare(TestUseCase.S23, {
  "a supervisor covers its direct children only": {
    trace: `
       100 working on 0
    -  100 caught exception: WorkException(work failed)
    -  100 caught exception: JobCancellationException(Parent job is Cancelling) cause=WorkException
    -  100 UNCAUGHT (app crash) WorkException(work failed)
    +  100 onFailure WorkException(work failed)
       100 launch active=false completed=true cancelled=true (failed) | scope active=true completed=false cancelled=false (open)
    `,
    because: "catching around await does not compile, and the supervisor was made with an onFailure instead of a crash"
  }
})

compare(TestUseCase.S24, {
  "a supervisor as grandparent contains nothing below its child": {
    trace: `
       100 working on 0
    -  100 caught exception: WorkException(work failed)
    -  100 caught exception: JobCancellationException(Parent job is Cancelling) cause=WorkException
    -  100 UNCAUGHT (app crash) WorkException(work failed)
    +  100 onFailure WorkException(work failed)
       100 launch active=false completed=true cancelled=true (failed) | scope active=true completed=false cancelled=false (open)
    `,
    because:
      "no Job can be passed to a launch; a supervisor of its own for it takes the failure that reaches the launch"
  }
})

const works = `
   100 working on 0
   100 caught exception: WorkException(work failed)
   200 working on 1
   200 work result: 0
   200 launch active=false completed=true cancelled=false (succeeded) | scope active=true completed=false cancelled=false (open)
`

compare(TestUseCase.S25, { "a private supervisor for each async": { trace: works } })

compare(TestUseCase.S25b, { "a private fail-fast scope for each async": { trace: works } })

compare(TestUseCase.S26, {
  "cancellation reaches the private scopes": {
    trace: `
        50 job.cancel()
    -   50 caught exception: JobCancellationException(StandaloneCoroutine was cancelled)
    -   50 caught exception: JobCancellationException(StandaloneCoroutine was cancelled)
        50 launch active=false completed=true cancelled=true (cancelled) | scope active=true completed=false cancelled=false (open)
    -  100 working on 0
    -  150 working on 1
    `,
    because: "a private scope is still a part of the story it stands in: cancelling the story ends the work in it"
  }
})

compare(TestUseCase.S27, {
  "the supervisors end with the job that made them": {
    trace: `
       100 working on 0
       100 caught exception: WorkException(work failed)
       200 working on 1
       200 work result: 0
       200 body done
    -  600 join => null; launch active=true completed=false cancelled=false children=2
    -  600 after scope.cancel: active=false completed=true cancelled=true
    +  200 launch: succeeded | scope: open
    `,
    because: "a supervisor is a resource that its own scope closes: there is no Job that somebody forgets to complete"
  },
  "cancellation reaches them": {
    trace: `
        50 job.cancel()
    -   50 caught exception: JobCancellationException(StandaloneCoroutine was cancelled)
    -   50 caught exception: JobCancellationException(StandaloneCoroutine was cancelled)
    -   50 launch active=false completed=true cancelled=true
    +   50 launch: cancelled | scope: open
    `,
    because: "a cancellation is not caught, and the loop does not go round once more"
  }
})

compare(TestUseCase.S28, {
  "awaiting is caught, and the launch completes": { trace: works },
  "cancelled, nothing is caught": {
    trace: `
        50 job.cancel()
    -   50 caught exception: JobCancellationException(StandaloneCoroutine was cancelled)
    -   50 caught exception: JobCancellationException(StandaloneCoroutine was cancelled)
        50 launch active=false completed=true cancelled=true (cancelled) | scope active=true completed=false cancelled=false (open)
    `,
    because: "a cancellation is not caught, and the loop does not go round once more"
  }
})
