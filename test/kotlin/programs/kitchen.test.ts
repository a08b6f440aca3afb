/**
 * The programs about a kitchen fire, and the four rules of their article.
 */
import * as Kitchen from "../../../examples/kotlin/Kitchen.ts"
import { compare } from "./comparison.ts"

compare(Kitchen.S29, {
  "the dishes are made at the same time, and the caller waits": {
    trace: `
         0 Making salad
         0 Making pasta
         0 Boiling water...
         0 Cooking pasta...
       100 Salad is ready!
       125 Pasta is cooked.
       150 Water is hot!
       150 Pasta is ready!
       150 All dishes are prepared!
       150 salad active=false completed=true cancelled=false (succeeded)
       150 pasta active=false completed=true cancelled=false (succeeded)
       150 kitchen active=true completed=false cancelled=false (open)
    `
  }
})

compare(Kitchen.S30, {
  "only the salad is gone": {
    trace: `
         0 Making salad
         0 Making pasta
         0 Boiling water...
         0 Cooking pasta...
       125 Pasta is cooked.
       150 Water is hot!
       150 Pasta is ready!
       150 All dishes are prepared!
       150 salad active=false completed=true cancelled=true (cancelled)
       150 pasta active=false completed=true cancelled=false (succeeded)
       150 kitchen active=true completed=false cancelled=false (open)
    `
  }
})

compare(Kitchen.S31, {
  "the fire takes the pasta along, and its caller has to say what then": {
    trace: `
         0 Making salad
    -    0 UNCAUGHT (app crash) Exception(Ack! Kitchen fire)
    -    0 main died: JobCancellationException(Parent job is Cancelling) cause=Exception
    -    0 salad active=false completed=true cancelled=true
    -    0 pasta active=false completed=true cancelled=true
    -    0 kitchen active=false completed=true cancelled=true
    +    0 main caught KitchenFire(Ack! Kitchen fire)
    `,
    because:
      "the scope's type says KitchenFire, so its caller handles it; main sees the fire itself and not its own cancellation"
  }
})

compare(Kitchen.S32, {
  "nothing outside hears of it": {
    trace: `
         0 Making salad
         0 Unable to create salad order. Cause: Ack! Kitchen fire
         0 Making pasta
         0 Boiling water...
         0 Cooking pasta...
       125 Pasta is cooked.
       150 Water is hot!
       150 Pasta is ready!
       150 All dishes are prepared!
       150 salad active=false completed=true cancelled=false (succeeded)
       150 pasta active=false completed=true cancelled=false (succeeded)
       150 kitchen active=true completed=false cancelled=false (open)
    `
  }
})

compare(Kitchen.S33, {
  "the fire is contained, and somebody is told": {
    trace: `
         0 Making salad
    -    0 UNCAUGHT (app crash) Exception(Ack! Kitchen fire)
    +    0 onFailure KitchenFire(Ack! Kitchen fire)
         0 Making pasta
         0 Boiling water...
         0 Cooking pasta...
       125 Pasta is cooked.
       150 Water is hot!
       150 Pasta is ready!
       150 All dishes are prepared!
       150 salad active=false completed=true cancelled=true (failed)
       150 pasta active=false completed=true cancelled=false (succeeded)
       150 kitchen active=true completed=false cancelled=false (open)
    `,
    because: "a supervisor takes no dish that can burn without an onFailure for the fire, so nothing is left to crash"
  }
})

compare(Kitchen.S34, {
  "a parent always waits for its children": {
    trace: `
         0 body
        50 child
        50 after
    `,
    recorded: false
  },
  "a child never gets lost: cancelling the parent finds it": {
    trace: `
        50 grandchild cancelled
        50 job active=false completed=true cancelled=true (cancelled)
    `,
    recorded: false
  },
  "cancellation goes down only": {
    trace: `
         0 child cancelled
         0 parent alive
        50 sibling done
    `,
    recorded: false
  },
  "failure goes up, then down": {
    trace: `
        50 sibling cancelled
        50 caller caught IOException(E1)
    `,
    recorded: false
  }
})
