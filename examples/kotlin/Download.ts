/**
 * `DownloadViewModel`: a download, its state on the screen, and the order of the catches.
 *
 * Kotlin:  downloadFile        catch (e: CancellationException) { throw e } catch (e: Exception) { Error(e.message) }
 *          downloadFileSafely  catch (e: IOException) { … } catch (e: HttpException) { … }
 *
 * Here: the first is `Effect.catch`, which sees failures only, so the order of the catches cannot be wrong. A time limit
 * that passes is a failure like any other and reaches the screen; in Kotlin it is a CancellationException, is rethrown
 * as one, and leaves the screen at "Downloading" for ever.
 */
import { Console, Effect } from "effect"
import { type DeadlineExceeded, Supervisor, withTimeout } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { HttpException, IllegalStateException, IOException, sayStatus } from "./harness/words.ts"

const uiState = (state: string) => Console.log(`uiState=${state}`)

/** Whatever can go wrong is shown with its own message. */
export const downloadFile = (download: Effect.Effect<void, IOException | DeadlineExceeded>) =>
  uiState("Downloading").pipe(
    Effect.andThen(download),
    Effect.as("Complete"),
    Effect.catch((error) => Effect.succeed(`Error(${error.message})`)),
    Effect.flatMap(uiState)
  )

/** Each kind of failure has its words. */
export const downloadFileSafely = (download: Effect.Effect<void, IOException | HttpException>) =>
  uiState("Downloading").pipe(
    Effect.andThen(download),
    Effect.as("Complete"),
    Effect.catchTags({
      IOException: (error) => Effect.succeed(`Error(Network error: ${error.message})`),
      HttpException: (error) => Effect.succeed(`Error(Server error: ${error.code})`)
    }),
    Effect.flatMap(uiState)
  )

const works = Effect.sleep(25)
const breaks = Effect.andThen(works, new IOException({ message: "reset" }))

export const S15 = seedProgram("S15", "rethrowing cancellation before catching the rest", {
  "a failure and a deadline reach the screen, leaving it does not": Effect.gen(function* () {
    const viewModelScope = yield* Supervisor.make({ name: "viewModelScope" })
    for (const download of [works, breaks]) {
      const job = yield* viewModelScope.launch(downloadFile(download))
      yield* job.join
    }
    const cancelled = yield* viewModelScope.launch(downloadFile(Effect.never))
    yield* Effect.sleep(25)
    yield* cancelled.cancelAndJoin
    yield* sayStatus("cancelled", cancelled)
    const timedOut = yield* viewModelScope.launch(downloadFile(withTimeout(Effect.never, "25 millis")))
    yield* timedOut.join
    yield* sayStatus("timed out", timedOut)
  })
})

export const S16 = seedProgram("S16", "catching what can happen", {
  "each failure has its words; a bug goes to the last resort": Effect.gen(function* () {
    const viewModelScope = yield* Supervisor.make({ name: "viewModelScope" })
    const downloads = [
      works,
      new IOException({ message: "reset" }),
      new HttpException({ message: "HTTP 503", code: 503 })
    ]
    for (const download of downloads) {
      const job = yield* viewModelScope.launch(downloadFileSafely(download))
      yield* job.join
    }
    const bug = Effect.die(new IllegalStateException({ message: "bug" }))
    const failed = yield* viewModelScope.launch(downloadFileSafely(bug))
    yield* failed.join
    yield* sayStatus("ISE", failed)
    const cancelled = yield* viewModelScope.launch(downloadFileSafely(Effect.never))
    yield* Effect.sleep(25)
    yield* cancelled.cancelAndJoin
    yield* sayStatus("cancelled", cancelled)
  })
})

printIfMain(import.meta.url, { S15, S16 })
