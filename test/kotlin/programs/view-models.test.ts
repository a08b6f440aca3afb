/**
 * The programs about screens: what they show when something fails, and when somebody leaves.
 */
import * as Dashboard from "../../../examples/kotlin/Dashboard.ts"
import * as Download from "../../../examples/kotlin/Download.ts"
import * as OrderListViewModel from "../../../examples/kotlin/OrderListViewModel.ts"
import * as OrderViewModel from "../../../examples/kotlin/OrderViewModel.ts"
import * as Search from "../../../examples/kotlin/Search.ts"
import { compare } from "./comparison.ts"

compare(Dashboard.S10, {
  "both calls succeed": {
    trace: `
        50 user done
       100 orders done
       100 uiState=Success(user,orders)
    `
  },
  "the first call fails, the second is never made": {
    trace: `
        50 user throws IOException(net)
        50 uiState=Error(net)
        50 job active=false completed=true cancelled=false (succeeded)
    `
  },
  "leaving the screen paints nothing": {
    trace: `
    -   25 uiState=Error(Job was cancelled)
        25 job active=false completed=true cancelled=true (cancelled)
    `,
    because: "catching failures does not catch a cancellation: no phantom update of a screen that is gone"
  }
})

compare(Search.S11a, {
  "the failure is the screen's, and nothing crashes": {
    trace: `
        50 product throws IOException(P)
        50 stores cancelled
    -   50 catch saw IOException(P)
    -   50 uiState=Error(P)
    -   50 body after catch isActive=false
    -   75 UNCAUGHT (app crash) IOException(P)
    -   75 job active=false completed=true cancelled=true
    +   75 catch saw IOException(P)
    +   75 uiState=Error(P)
    +   75 job: succeeded
        75 viewModelScope active=true completed=false cancelled=false (open)
       200 unrelated sibling in viewModelScope finished
    `,
    because:
      "catching around await does not compile; around the scope, the catch sees the failure when all has ended, and it is handled"
  },
  "both searches succeed": {
    trace: `
        50 product done
       100 store done
       100 uiState=Success(product,store)
    -  100 body after catch isActive=true
       100 job active=false completed=true cancelled=false (succeeded)
    `,
    because: "there is no isActive to print: code that runs is not cancelled"
  }
})

compare(Search.S11b, {
  "the screen shows the failure, not that of a victim": {
    trace: `
        50 store throws IOException(S)
        50 products cancelled
    -   50 catch saw JobCancellationException(Parent job is Cancelling) cause=IOException
    -   50 uiState=Error(Parent job is Cancelling)
    -   50 body after catch isActive=false
    -   50 UNCAUGHT (app crash) IOException(S)
    -   50 job active=false completed=true cancelled=true
    +   50 catch saw IOException(S)
    +   50 uiState=Error(S)
    +   50 job: succeeded
    `,
    because:
      "who awaits a job that is cancelled because of another is cancelled as well; the scope fails with what went wrong"
  }
})

compare(Search.S12, {
  "one search fails, the screen shows the other": {
    trace: `
        50 product throws IOException(P)
        50 products fallback because IOException(P)
       100 store done
       100 uiState=Success([],store)
       100 job active=false completed=true cancelled=false (succeeded)
    `
  },
  "leaving the screen computes no fallbacks": {
    trace: `
    -   25 products fallback because JobCancellationException(Job was cancelled)
    -   25 stores fallback because JobCancellationException(Job was cancelled)
        25 job active=false completed=true cancelled=true (cancelled)
    `,
    because: "catching failures does not catch a cancellation"
  }
})

compare(Download.S15, {
  "a failure and a deadline reach the screen, leaving it does not": {
    trace: `
         0 uiState=Downloading
        25 uiState=Complete
        25 uiState=Downloading
        50 uiState=Error(reset)
        50 uiState=Downloading
        75 cancelled: active=false completed=true cancelled=true (cancelled)
        75 uiState=Downloading
    -  100 timed out: active=false completed=true cancelled=true <- UI stuck in Downloading
    +  100 uiState=Error(not done within 25ms: it was cancelled)
    +  100 timed out: succeeded
    `,
    because: "a deadline that passes is a failure like any other, and cannot be taken for a cancellation"
  }
})

compare(Download.S16, {
  "each failure has its words; a bug goes to the last resort": {
    trace: `
         0 uiState=Downloading
        25 uiState=Complete
        25 uiState=Downloading
        25 uiState=Error(Network error: reset)
        25 uiState=Downloading
        25 uiState=Error(Server error: 503)
        25 uiState=Downloading
        25 UNCAUGHT (app crash) IllegalStateException(bug)
        25 ISE: active=false completed=true cancelled=true (failed)
        25 uiState=Downloading
        50 cancelled: active=false completed=true cancelled=true (cancelled)
    `
  }
})

compare(OrderViewModel.S18a, {
  "the retry has nothing to retry": {
    trace: `
         0 subscribe #1
         0 emit Success([o1])
        25 emit Error(io#1)
        25 completed, subscriptions=1
    `
  }
})

compare(OrderViewModel.S18b, {
  "one failure is retried": {
    trace: `
         0 subscribe #1
         0 emit Success([o1])
         0 retry predicate asked for io#1
         0 subscribe #2
         0 emit Success([o2])
         0 emit Success([o2'])
         0 completed, subscriptions=2
    `
  },
  "the third failure is shown": {
    trace: `
         0 subscribe #1
         0 emit Success([o1])
         0 retry predicate asked for io#1
         0 subscribe #2
         0 emit Success([o2])
         0 retry predicate asked for io#2
         0 subscribe #3
         0 emit Success([o3])
         0 emit Error(io#3)
         0 completed, subscriptions=3
    `
  },
  "what is not transient is shown at once": {
    trace: `
         0 subscribe #1
         0 emit Success([o1])
         0 retry predicate asked for http#1
         0 emit Error(http#1)
         0 completed, subscriptions=1
    `,
    recorded: false
  }
})

compare(OrderViewModel.S18c, {
  "the upstream runs while somebody looks, and the last value stays": {
    trace: `
        25 value=Loading
        25 c1 Loading
        25 subscribe #1
    +   25 c1 [o1]
        25 c1 [o1']
        75 c1 gone; value=[o1']
       125 c2 [o1']
       175 subs=1 (not restarted: within stopTimeout)
       275 upstream cancelled
       375 value kept=[o1']
       375 c3 [o1']
       375 subscribe #2
    +  375 c3 [o2]
       375 c3 [o2']
       425 subs=2
       425 upstream cancelled
    `,
    because:
      "who waits for a value sees it at once; Kotlin queues the subscriber, for which the next value is already there"
  },
  "a failing upstream is a value of the state, not a stale one": {
    trace: `
    -    0 scope handler IOException(up)
    +    0 collector Loading
         0 collector a
    -   50 value=a collector active=true completed=false cancelled=false
    +    0 collector Error(up)
    +   50 value=Error(up) collector: running
    `,
    because: "stateIn takes no stream that can fail: the failure is made a value first, and the screen shows it"
  }
})

compare(OrderViewModel.S18d, {
  "a catch around the collecting does": {
    trace: `
         0 try/catch around collect caught IOException(collector)
    `
  }
})

compare(OrderListViewModel.S19a, {
  "what can be expected becomes a state; leaving the screen does not": {
    trace: `
         0 uiState=Loading
         0 uiState=Empty
         0 uiState=Loading
         0 uiState=Success([o1])
         0 uiState=Loading
         0 uiState=Error(Check your internet connection, canRetry=true)
         0 uiState=Loading
         0 uiState=Error(Server error (503), canRetry=true)
         0 uiState=Loading
         0 uiState=Error(Server error (404), canRetry=false)
         0 uiState=Loading
        25 cancelled active=false completed=true cancelled=true (cancelled)
    `
  },
  "a bug is no state: it goes to the last resort": {
    trace: `
         0 uiState=Loading
         0 UNCAUGHT (app crash) IllegalStateException(bug)
    `,
    recorded: false
  }
})

compare(OrderListViewModel.S19b, {
  "the snackbar for what was thought of, onFailure for what was not": {
    trace: `
        25 refreshed (Room flow updates UI)
        25 event=ShowSnackbar(Couldn't refresh. Showing cached data.)
    -   25 UNCAUGHT (app crash) HttpException(HTTP 500)
    +   25 onFailure HttpException(HTTP 500)
        25 http active=false completed=true cancelled=true (failed)
    `,
    because: "the forgotten failure is in the job's type: the scope does not take the job without an onFailure for it"
  }
})
