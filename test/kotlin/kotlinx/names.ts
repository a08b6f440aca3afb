/**
 * The tests of kotlinx.coroutines that are worth having here, by section: what each checks is what matters, not its hops.
 *
 * `names.test.ts` holds this list against the names of the tests beside it.
 */
export const names: Readonly<Record<string, ReadonlyArray<string>>> = {
  a: [
    "CoroutineScopeTest:testScope",
    "CoroutineScopeTest:testExceptionFromWithin",
    "CoroutineScopeTest:testScopeCancelledFromWithin",
    "CoroutineScopeTest:testCoroutineScopeCancellationVsException",
    "WithContextTest:testWithContextScopeFailure",
    "WithContextTest:testSequentialCancellation"
  ],
  b: [
    "CoroutineScopeTest:testAsyncCancellationFirst",
    "CoroutinesTest:testCancelParentOnChildException",
    "CoroutinesTest:testParentCrashCancelsChildren",
    "ParentCancellationTest:testLaunchChild",
    "ParentCancellationTest:testAsyncChild",
    "ParentCancellationTest:testCoroutineScopeChild",
    "JobExceptionHandlingTest:testExceptionIsNotReported",
    "JobExceptionHandlingTest:testAsyncCancellationWithCauseAndParentDoesNotTriggerHandling"
  ],
  c: [
    "SupervisorTest:testSupervisorJob",
    "SupervisorTest:testSupervisorScope",
    "SupervisorTest:testSupervisorScopeIsolation",
    "SupervisorTest:testSupervisorScopeExternalCancellation",
    "SupervisorTest:testAsyncCancellation",
    "SupervisorTest:testSupervisorWithParentCancelNormally",
    "SupervisorTest:testSupervisorJobCancellationException",
    "ParentCancellationTest:testSupervisorChild",
    "ExceptionsGuideTest:testExampleSupervision02"
  ],
  d: [
    "AsyncTest:testSimple",
    "AsyncTest:testLostException",
    "AsyncTest:testParallelDecompositionCaughtException",
    "AsyncTest:testParallelDecompositionCaughtExceptionWithInheritedParent",
    "AsyncTest:testCancellationTransparency",
    "AsyncTest:testDeferWithTwoWaiters",
    "CompletableDeferredTest:testComplete",
    "CompletableDeferredTest:testParentCancelledOnChildException"
  ],
  e: [
    "CoroutinesTest:testLaunchAndYieldJoin",
    "AtomicCancellationCommonTest:testCancellableLaunch",
    "AtomicCancellationCommonTest:testUndispatchedLaunch",
    "JobExceptionHandlingTest:testCancelledParent",
    "LaunchLazyTest:testStart",
    "DispatcherGuideTest:testExampleContext06"
  ],
  f: [
    "CoroutinesTest:testCancelChildExplicit",
    "CoroutinesTest:testJoinWithFinally",
    "CoroutinesTest:testCancelAndJoin",
    "JobTest:testCancelAndJoinParentWaitChildren",
    "AtomicCancellationCommonTest:testDeferredAwaitCancellable"
  ],
  g: ["CoroutinesTest:testCancelChildWithFinally", "CoroutinesTest:testYieldInFinally"],
  h: [
    "NonCancellableTest:testNonCancellable",
    "NonCancellableTest:testNonCancellableFinally",
    "CancellationGuideTest:testExampleCancel06"
  ],
  i: [
    "WithTimeoutTest:testWithTimeoutChildWait",
    "WithTimeoutTest:testExceptionOnTimeout",
    "WithTimeoutTest:testSuppressExceptionWithAnotherException",
    "WithTimeoutTest:testNegativeTimeout",
    "WithTimeoutOrNullTest:testNullOnTimeout",
    "WithTimeoutOrNullTest:testNestedTimeout"
  ],
  j: [
    "JobExceptionHandlingTest:testMultipleChildrenThrowAtomically",
    "JobNestedExceptionsTest:testExceptionUnwrapping",
    "WithContextExceptionHandlingTest:testCancellationWithException",
    "ExceptionsGuideTest:testExampleExceptions05"
  ],
  k: [
    "CoroutineExceptionHandlerTest:testJob",
    "JobExceptionHandlingTest:testExceptionIsHandledOnce",
    "ExceptionsGuideTest:testExampleExceptions02",
    "CoroutineExceptionHandlerJvmTest:testThrowingHandler"
  ],
  l: [
    "JobStatesTest:testNormalCompletion",
    "JobStatesTest:testCancelling",
    "CompletableJobTest:testComplete",
    "JobTest:testExceptionsInHandler",
    "JobTest:testOnCancellingHandler"
  ],
  m: ["DispatcherGuideTest:testExampleContext07"],
  n: [
    "AwaitTest:testAwaitAll",
    "AwaitTest:testAwaitAllExceptionally",
    "AwaitTest:testAwaitAllPartiallyCompletedExceptionally",
    "AwaitTest:testJoinAllExceptionally"
  ],
  o: [
    "SelectDeferredTest:testSelectTwo",
    "SelectDeferredTest:testSelectCancel",
    "SelectBiasTest:testBiased",
    "SelectGuideTest:testExampleSelect04"
  ],
  p: [
    "CatchTest:testCatchEmit",
    "CatchTest:testCatchEmitExceptionFromDownstream",
    "CatchTest:testUpstreamExceptionConcurrentWithDownstream",
    "RetryTest:testRetry",
    "OnCompletionTest:testOnCompletionWithExceptionDownstream",
    "SharingStartedTest:testWhileSubscribedWithTimeout",
    "ShareInTest:testShouldStartScalar"
  ]
}
