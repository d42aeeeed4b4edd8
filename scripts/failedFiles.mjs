// A reporter of node's test runner: one line for each test that failed, with the file it is in.

/** @param {AsyncIterable<{ type: string, data: { file?: string } }>} events */
export default async function* failedFiles(events) {
  for await (const { type, data } of events) {
    if (type === "test:fail" && data.file !== undefined) {
      yield `${data.file}\n`;
    }
  }
}
