// A reporter of node's test runner: one line for each test that failed, with its name.

/** @param {AsyncIterable<{ type: string, data: { name?: string } }>} events */
export default async function* failedTests(events) {
  for await (const { type, data } of events) {
    if (type === "test:fail" && data.name !== undefined) {
      yield `${data.name}\n`;
    }
  }
}
