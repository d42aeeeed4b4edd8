// What a page's thread spends on each frame in its own time, by Chromium's trace: others on the machine do not count.

/** What the page marks with `performance.mark`, each in the task that does it. */
export const MARKS = { frame: "bench-frame", message: "bench-message" };

/** Marks stand in the one, the tasks of a thread in the other. */
const CATEGORIES = ["blink.user_timing", "disabled-by-default-devtools.timeline"];

/** Begins to trace. Gives what ends it, and tells the milliseconds of every frame with the messages that came before it. */
export async function traceFrames(browser) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => value.forEach((event) => events.push(event)));
  const traceConfig = { recordMode: "recordAsMuchAsPossible", includedCategories: CATEGORIES };
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  return async () => {
    const isComplete = new Promise((done) => session.once("Tracing.tracingComplete", done));
    await session.send("Tracing.end");
    await isComplete;
    return frameTimes(events);
  };
}

function frameTimes(events) {
  const tasks = events.filter(({ name, ph }) => name === "RunTask" && ph === "X");
  const marks = events.filter(({ name }) => Object.values(MARKS).includes(name)).toSorted((a, b) => a.ts - b.ts);
  const frames = [];
  let messagesMs = 0;
  for (const { name, pid, tid, ts } of marks) {
    const task = tasks.find((each) => each.pid === pid && each.tid === tid && each.ts <= ts && ts < each.ts + each.dur);
    const ownMs = (task?.tdur ?? Number.NaN) / 1000;
    if (name === MARKS.message) {
      messagesMs += ownMs;
    } else {
      frames.push(messagesMs + ownMs);
      messagesMs = 0;
    }
  }
  return frames;
}
