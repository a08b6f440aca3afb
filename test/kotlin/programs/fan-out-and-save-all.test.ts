/**
 * The programs about silent data loss: fan-out, `saveAll`, the cancellation table, `processAndAcknowledge`.
 *
 * Not here: the table on a real socket and a real database (`cancellation-table.test.ts`).
 */
import * as CancellationTable from "../../../examples/kotlin/CancellationTable.ts"
import * as FanOut from "../../../examples/kotlin/FanOut.ts"
import * as ProcessAndAcknowledge from "../../../examples/kotlin/ProcessAndAcknowledge.ts"
import * as SaveAll from "../../../examples/kotlin/SaveAll.ts"
import { compare } from "./comparison.ts"

const noFalseErrors =
  "a cancellation is not a failure: nothing that handles failures sees it, so no errors are logged for it"

compare(FanOut.S01, {
  "one bad event cancels the others; what was stored stays stored": {
    trace: `
        50 stored e1
       100 cancelled e3
       100 caller caught BadEvent(malformed bad2)
    `
  }
})

compare(FanOut.S02, {
  "a bad event fails alone": {
    trace: `
        50 stored e1
       100 ERROR Failed: bad2 BadEvent(malformed bad2)
       150 stored e3
       150 returned [true, false, true]
    `
  }
})

compare(FanOut.S02c, {
  "cancelling the caller logs no failed events": {
    trace: `
        50 stored e1
        75 cancelled bad2
    -   75 ERROR Failed: bad2 JobCancellationException(StandaloneCoroutine was cancelled)
        75 cancelled e3
    -   75 ERROR Failed: e3 JobCancellationException(StandaloneCoroutine was cancelled)
    -   75 scope threw JobCancellationException(StandaloneCoroutine was cancelled)
        75 job active=false completed=true cancelled=true (cancelled)
    `,
    because: noFalseErrors
  }
})

compare(FanOut.S02x, {
  "the failing await is the body's failure and cancels the others": {
    trace: `
        50 stored e1
       100 cancelled e3
       100 caller caught BadEvent(malformed bad2)
    `
  }
})

compare(SaveAll.S03, {
  "a cancellation passes the catch, and nothing after it runs": {
    trace: `
        50 saved 1
    -   75 ERROR Save failed JobCancellationException(StandaloneCoroutine was cancelled)
    -   75 code after the catch runs in a cancelled coroutine; isActive=false
    -   75 ERROR next step failed JobCancellationException(StandaloneCoroutine was cancelled)
        75 job active=false completed=true cancelled=true (cancelled)
    `,
    because: `${noFalseErrors}, and nothing goes on in a job that has been cancelled`
  },
  "a failure is caught, and the story goes on": {
    trace: `
        50 ERROR Save failed IOException(disk)
        50 continues
        50 job active=false completed=true cancelled=false (succeeded)
    `
  }
})

compare(SaveAll.S04, {
  "a cancellation passes the catch": {
    trace: `
        50 saved 1
        75 job active=false completed=true cancelled=true (cancelled)
    `
  },
  "a failure is caught, and the story goes on": {
    trace: `
        50 ERROR Save failed IOException(disk)
        50 continues
        50 job active=false completed=true cancelled=false (succeeded)
    `
  }
})

compare(CancellationTable.S05, {
  "the call is cancelled once, the server commits, the late answer goes nowhere": {
    trace: `
         0 okhttp: enqueue
        50 okhttp: call.cancel()
    -   50 client: JobCancellationException(StandaloneCoroutine was cancelled)
        50 job active=false completed=true cancelled=true (cancelled)
       100 server: committed the request anyway
       150 okhttp: late callback, delivered=true but nobody is listening
    `,
    because: "the client has nothing to catch: a cancellation is not a value"
  }
})

compare(CancellationTable.S06, {
  "it rolls back, and an attempt to swallow the cancellation inside it commits nothing either": {
    trace: `
         0 BEGIN
    -   75 ROLLBACK [a, b] because JobCancellationException(StandaloneCoroutine was cancelled)
    +   75 ROLLBACK [a, b]
        75 table=[]
        75 BEGIN
    -  100 swallowed JobCancellationException(StandaloneCoroutine was cancelled)
    -  100 COMMIT [a, partial]
    -  100 table after swallow=[a, partial]  <- partial commit
    +  100 ROLLBACK [a]
    +  100 table=[]
    `,
    because: "the widest catch inside the transaction does not see a cancellation, so no half of it can be committed"
  }
})

compare(CancellationTable.S07, {
  "the connection is closed, and half a body is nobody's value": {
    trace: `
        75 connection.close(); body so far=[chunk1]
        75 job active=false completed=true cancelled=true (cancelled)
    `
  }
})

compare(CancellationTable.S08, {
  "one synchronous piece runs to its end; steps end with the connection": {
    trace: `
    -    0 check=false handler ran 5 iterations to the end (isActive=false)
    -    0 check=false completed with JobCancellationException(LazyStandaloneCoroutine was cancelled)
    -    0 check=true completed with JobCancellationException(LazyStandaloneCoroutine was cancelled)
    +    0 check=false handler ran 5 iterations
    +    0 check=false completed: cancelled
    +    0 check=true handler ran 2 iterations
    +    0 check=true completed: cancelled
    `,
    because: "there is no isActive to ask: between two steps of an effect a cancellation takes effect by itself"
  }
})

const atTheEndOfTheSection =
  "a cancellation that was put off takes effect at the end of the section, not at the next place that happens to suspend"

compare(ProcessAndAcknowledge.S09, {
  "nobody cancels": {
    trace: `
         0 process start
       100 process end
       150 markProcessed
       200 acknowledge
    -  200 returned from processAndAcknowledge (isActive=true)
    +  200 returned from processAndAcknowledge
       225 after
       225 job active=false completed=true cancelled=false (succeeded)
    `,
    because: "there is no isActive to print: code that runs is not cancelled"
  },
  "cancelled while processing: neither marked nor acknowledged": {
    trace: `
         0 process start
        50 cancel()
    -   50 CE JobCancellationException(StandaloneCoroutine was cancelled)
        50 job active=false completed=true cancelled=true (cancelled)
    `,
    because: "the consumer has nothing to catch: a cancellation is not a value"
  },
  "cancelled while marking: marked and acknowledged, and nothing after that": {
    trace: `
         0 process start
       100 process end
       125 cancel()
       150 markProcessed
       200 acknowledge
    -  200 returned from processAndAcknowledge (isActive=false)
    -  200 CE JobCancellationException(StandaloneCoroutine was cancelled)
       200 job active=false completed=true cancelled=true (cancelled)
    `,
    because: atTheEndOfTheSection
  },
  "cancelled at the very end of processing: neither marked nor acknowledged": {
    trace: `
         0 process start
       100 cancel()
       100 job active=false completed=true cancelled=true (cancelled)
    `,
    recorded: false
  }
})
