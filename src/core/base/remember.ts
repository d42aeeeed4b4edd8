/** The same function, which works a result out once for each object and keeps it as long as the object lives. */
export function rememberBy<Key extends object, Result>(work: (key: Key) => Result): (key: Key) => Result {
  const known = new WeakMap<Key, { result: Result }>();
  return (key) => {
    const entry = known.get(key) ?? { result: work(key) };
    known.set(key, entry);
    return entry.result;
  };
}
