/**
 * The programs about services: syncing, uploading, processing an order.
 */
import * as OrderProcessingService from "../../../examples/kotlin/OrderProcessingService.ts"
import * as OrderSyncWorker from "../../../examples/kotlin/OrderSyncWorker.ts"
import * as SyncService from "../../../examples/kotlin/SyncService.ts"
import { compare } from "./comparison.ts"

compare(SyncService.S13, {
  "a bug is reported once, after everything below it has ended": {
    trace: `
        50 throws
       100 cleaned up
       100 CrashReporter.logException IllegalStateException(bug)
       100 Log.e Unhandled exception IllegalStateException(bug)
       100 job active=false completed=true cancelled=true (failed)
    `,
    recorded: false
  },
  "it never hears of a cancellation, a handled failure, or one that is awaited": {
    trace: `
         0 handler silent
    `,
    recorded: false
  }
})

compare(SyncService.S14, {
  "one sync fails, the next works; after destroy() nothing is launched, and the caller hears of it": {
    trace: `
        50 handler: IOException(sync#1)
        50 a active=false completed=true cancelled=true (failed)
        50 scope active=true completed=false cancelled=false (open)
       100 sync#2 ok
       100 b active=false completed=true cancelled=false (succeeded)
       125 destroy()
       125 c active=false completed=true cancelled=true (cancelled)
    -  125 d active=false completed=true cancelled=true n=3 (body of d never ran)
    +  125 d: ScopeClosed("SyncService" is closed: nothing is launched on it any more), n=3
    `,
    because: "launching on a closed scope is a typed failure, where Kotlin drops the work without a word"
  },
  "who is told of a failure": {
    trace: `
         0 async joined silently; active=false completed=true cancelled=true (failed)
         0 await threw IOException(async)
         0 root handler: IOException(grandchild)
         0 supervised child handler: IOException(supervised)
         0 parent of supervisorScope continues
    `
  }
})

compare(OrderSyncWorker.S17, {
  "the upload works": {
    trace: `
        25 getOrder
        75 uploadOrder ok
       100 markSyncAttempted
       100 logSyncAttempt
       100 returned
    `
  },
  "the upload fails: the attempt is marked, then the caller hears of it": {
    trace: `
        25 getOrder
       100 markSyncAttempted
       100 logSyncAttempt
       100 caller caught IOException(upload)
    `
  },
  "cancelled during the upload: the attempt is marked before the job ends": {
    trace: `
        25 getOrder
        50 cancel()
        75 markSyncAttempted
        75 logSyncAttempt
    -   75 rethrown JobCancellationException(StandaloneCoroutine was cancelled)
        75 job active=false completed=true cancelled=true (cancelled)
    `,
    because: "there is nothing to catch and to rethrow: a cancellation is not a value"
  },
  "the upload fails and so does marking: both are told": {
    trace: `
        25 getOrder
    -   75 caller caught IllegalStateException(db) <- IOException lost
    +   75 attempt not marked: IllegalStateException(db)
    +   75 caller caught IOException(upload)
    `,
    because: "a finalizer must not be able to fail, so its failure is handled in it and hides nothing"
  }
})

compare(OrderProcessingService.S20a, {
  "all goes well": {
    trace: `
        25 charged pay-1
        75 reserved
       100 notified
       100 returned OrderResult(pay-1, reserved=true)
    `
  },
  "a letter that cannot be sent does not touch the reservation": {
    trace: `
        25 charged pay-1
        50 WARN Notification failed IOException(smtp)
       100 reserved
       100 returned OrderResult(pay-1, reserved=true)
    `
  }
})

const noFalseWarning = "a letter that was cancelled has not failed: no false warning is logged"

compare(OrderProcessingService.S20b, {
  "while the letter is in flight: it is cancelled, and no false warning is logged": {
    trace: `
        25 charged pay-1
    -   50 WARN Notification failed JobCancellationException(Parent job is Cancelling) cause=IllegalStateException
        50 caller caught IllegalStateException(out of stock)
    `,
    because: noFalseWarning
  },
  "after the letter was sent": {
    trace: `
        25 charged pay-1
        50 notified
       125 caller caught IllegalStateException(out of stock)
    `
  }
})

compare(OrderProcessingService.S20c, {
  "the charge fails: nothing else is tried": {
    trace: `
    -    0 caller caught IOException(declined); inventory/notification never started
    +    0 caller caught IOException(declined)
    `,
    because: "only in words: that nothing else was started is what the absence of further lines says"
  },
  "the caller is cancelled: no false warning is logged": {
    trace: `
        25 charged pay-1
    -   50 WARN Notification failed JobCancellationException(StandaloneCoroutine was cancelled)
    -   50 threw JobCancellationException(StandaloneCoroutine was cancelled)
        50 job active=false completed=true cancelled=true (cancelled)
    `,
    because: noFalseWarning
  }
})
