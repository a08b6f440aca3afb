/**
 * Independent favours: a letter that cannot be sent touches nothing else, and its failure is somebody's by type.
 */
import { Console, Effect, Schema } from "effect"
import { supervisorScope } from "firebreak"

class SmtpDown extends Schema.TaggedError<SmtpDown>()("SmtpDown", { host: Schema.String }) {
  override get message() {
    return `no answer from ${this.host}`
  }
}

const sendEmail = Effect.fail(new SmtpDown({ host: "mail.example" }))
const sendSms = Effect.fail(new SmtpDown({ host: "sms.example" }))
const printLabel = Effect.as(Effect.sleep("20 millis"), "label-7")

// #region tell
const tellEveryone = supervisorScope(function* (scope) {
  const email = yield* scope.async(sendEmail)
  const label = yield* scope.async(printLabel)
  yield* scope.launch(sendSms, { onFailure: (error) => Console.log(`no SMS: ${error.message}`) })
  yield* email.await.pipe(Effect.catchTag("SmtpDown", (error) => Console.log(`e-mail later: ${error.message}`)))
  yield* Console.log(`printed ${yield* label.await}`)
})
// #endregion

Effect.runPromise(tellEveryone)

// > no SMS: no answer from sms.example
// > e-mail later: no answer from mail.example
// > printed label-7
