/** Thrown at a story that must not go on: its execution is blocked or out of memory. It is never resumed. */
export const storyStops = Symbol("the story stops here")
