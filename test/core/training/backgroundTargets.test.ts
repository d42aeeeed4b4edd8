import assert from "node:assert/strict";
import { test } from "node:test";
import { backgroundTargets } from "../../../src/core/training/backgroundTargets.ts";

function check(text: string, ...expected: readonly string[]): void {
  assert.deepEqual(
    backgroundTargets(text).map((files) => files.join(" ")),
    expected,
    text,
  );
}

test("names the files that what runs in the background prints to", () => {
  check("nohup python train.py > train.log 2>&1 &", "train.log");
  check("python a.py > a.log 2> a.err &\npython b.py &> b.log & wait", "a.log a.err", "b.log");
  check(">>a.log 2>>b.log </dev/null python a.py &", "a.log b.log");
  check("(cd x; python a.py > a.log 2>&1) &", "a.log");
  check("(python a.py > a.log; python b.py) > b.log &", "a.log b.log");
  check("python a.py > 'my out.log' 2>&1 &\npython b.py > \"b c.log\" &", "my out.log", "b c.log");
  check("python a.py 2>&1 | tee -a a.log &", "a.log");
  check("python a.py > a.log \\\n  2>&1 &", "a.log");
  check("sleep 5 && python a.py >| a.log 1>&2 &", "a.log");
  check("for i in 1 2; do python a.py > a.log & done", "a.log");
  check("{ python a.py > a.log; python b.py; } 2> err.log &", "a.log err.log");
  check("for i in 1 2; do python a.py > a.log; done 2> err.log &", "a.log err.log");
  check("python a.py <<EOF > a.log &\nx > y &\nEOF\npython b.py > b.log &", "a.log", "b.log");
});

test("names none of what is waited for, of what only the shell could tell and of what is text", () => {
  check("python a.py > a.log 2>&1");
  check("python a.py > a.log; python b.py &");
  check("python a.py > a.log && python b.py | tee b.log");
  check('python a.py > log_$i.txt & python b.py > "$OUT/b.log" & python c.py > ~/c.log &');
  check("python a.py > /dev/null 2>&1 &");
  check("# python a.py > a.log &\necho 'x > y &' \"a > b &\"\nexit 3>&1");
  check('python3 -c "print(1 > 0 & 1)" &');
  check("(python a.py > a.log; python b.py) ; sleep 1 &");
});
