import type { ConsoleReading } from "../../metrics/consoleLine.ts";
import type { Alarm, AlarmKind, WatchdogLimits } from "./alarm.ts";
import { DiskRule, type DiskSample } from "./diskRule.ts";
import { type LoggedValue, lossRoleOfTag, placeOf } from "./loggedValue.ts";
import { LossJudge } from "./lossJudge.ts";
import { lossRoleOf } from "./lossRules.ts";
import { type Activity, StallRule } from "./stallRule.ts";

/** What a training shows of itself while it goes on, in the order of time. */
export type Observation =
  /** A line of output; `reading` where it says how far the training is. */
  | { kind: "line"; atMs: number; line: number; text: string; reading?: ConsoleReading | undefined }
  /** A look into the metric files, with what was added to them since the one before. */
  | { kind: "logged"; atMs: number; values: readonly LoggedValue[] }
  /** A look every second or so, whether anything was printed or not. */
  | ({ kind: "look"; atMs: number; disk?: DiskSample | undefined } & Activity);

const MAX_TEXT_LENGTH = 300;
/** The folders of a search over parameters are many, and each is judged for itself. */
const MAX_PLACES = 64;

/** Notices while a training goes on that it goes wrong. Says each thing once, and again only after it was over. */
export class Watchdog {
  readonly #alarms = new Map<AlarmKind, Alarm>();
  readonly #limits: WatchdogLimits;
  #isOver = false;
  readonly #printed: LossJudge;
  readonly #logged = new Map<string, LossJudge>();
  readonly #stall: StallRule;
  readonly #disk: DiskRule;
  #last: Pick<ConsoleReading, "epoch" | "step"> = {};

  /** `raised`: alarms of an earlier watchdog of the same run, which go on. */
  constructor(limits: WatchdogLimits, raised: readonly Alarm[] = []) {
    this.#limits = limits;
    for (const alarm of raised) {
      this.#alarms.set(alarm.kind, alarm);
    }
    this.#printed = new LossJudge(limits);
    this.#stall = new StallRule(limits);
    this.#disk = new DiskRule(limits);
  }

  get alarms(): readonly Alarm[] {
    return [...this.#alarms.values()];
  }

  /** True when an alarm was raised or is over. */
  observe(observation: Observation): boolean {
    if (!this.#limits.isEnabled || this.#isOver) {
      return false;
    }
    if (observation.kind === "look") {
      return this.#look(observation);
    }
    return observation.kind === "line" ? this.#readLine(observation) : this.#readLogged(observation);
  }

  /** What a training says and does while it is stopped is no news, and ends no alarm. */
  end(): void {
    this.#isOver = true;
  }

  #look({ atMs, isBusy, disk }: Extract<Observation, { kind: "look" }>): boolean {
    const stalled = this.#stall.look(atMs, { isBusy });
    const filling = disk && this.#disk.add(atMs, disk);
    const raised = [stalled, filling].map((found) => found !== undefined && this.#raise(found, atMs));
    const hasRoomAgain = disk !== undefined && this.#disk.isOver(disk) && this.#endAlarm("disk-filling", atMs);
    return hasRoomAgain || raised.includes(true);
  }

  #readLine({ atMs, line, text, reading }: Extract<Observation, { kind: "line" }>): boolean {
    const isTraining = reading?.subject === "training";
    const isStep = isTraining && this.#comesFurther(reading);
    this.#stall.addOutput(atMs, isStep);
    let hasChanged = this.#endAlarm("stall", atMs);
    if (!isTraining) {
      return hasChanged;
    }
    for (const [name, value] of Object.entries(reading.metrics)) {
      for (const found of this.#printed.judge(name, value, lossRoleOf(name))) {
        const evidence = { line, text: text.trim().slice(0, MAX_TEXT_LENGTH) };
        hasChanged = this.#raise({ ...found, evidence }, atMs) || hasChanged;
      }
      hasChanged = this.#endBrokenLoss(this.#printed, name, atMs) || hasChanged;
      hasChanged = this.#endWhatIsOver(this.#printed, atMs) || hasChanged;
    }
    return hasChanged;
  }

  /** Writers flush now and then: what one look finds is one step, however many values it has. */
  #readLogged({ atMs, values }: Extract<Observation, { kind: "logged" }>): boolean {
    if (values.length === 0) {
      return false;
    }
    this.#stall.addOutput(atMs, true, "logged");
    let hasChanged = this.#endAlarm("stall", atMs);
    for (const { file, tag, step, axis, value, place } of values) {
      const own = placeOf({ place, tag });
      const judge = this.#judgeFor(own.place);
      for (const found of judge?.judge(own.name, value, lossRoleOfTag(own.name)) ?? []) {
        hasChanged = this.#raise({ ...found, logged: { file, tag, step, axis } }, atMs) || hasChanged;
      }
      hasChanged = (judge !== undefined && this.#endBrokenLoss(judge, own.name, atMs)) || hasChanged;
      hasChanged = (judge !== undefined && this.#endWhatIsOver(judge, atMs)) || hasChanged;
    }
    return hasChanged;
  }

  #judgeFor(place: string): LossJudge | undefined {
    const known = this.#logged.get(place);
    if (known !== undefined || this.#logged.size >= MAX_PLACES) {
      return known;
    }
    const judge = new LossJudge(this.#limits);
    this.#logged.set(place, judge);
    return judge;
  }

  #comesFurther({ epoch, step, metrics }: ConsoleReading): boolean {
    const isNew = epoch !== this.#last.epoch || step !== this.#last.step;
    const hasCount = epoch !== undefined || step !== undefined;
    this.#last = { ...(epoch === undefined ? {} : { epoch }), ...(step === undefined ? {} : { step }) };
    return hasCount ? isNew : Object.keys(metrics).length > 0;
  }

  /** A batch without targets gives one NaN: where all losses are numbers again, nothing is lost. */
  #endBrokenLoss(judge: LossJudge, name: string, atMs: number): boolean {
    const isOver = judge.isSound(name) && ![this.#printed, ...this.#logged.values()].some(({ isBroken }) => isBroken);
    return isOver && this.#endAlarm("not-a-number", atMs);
  }

  /** Of several losses that went wrong in the same way, the last one to come back ends the alarm. */
  #endWhatIsOver(judge: LossJudge, atMs: number): boolean {
    const others = [this.#printed, ...this.#logged.values()];
    const isOver = (kind: AlarmKind) => !others.some((each) => each.stands(kind));
    return judge.over.filter((kind) => isOver(kind) && this.#endAlarm(kind, atMs)).length > 0;
  }

  #endAlarm(kind: AlarmKind, atMs: number): boolean {
    const alarm = this.#alarms.get(kind);
    if (alarm === undefined || alarm.endedAt !== undefined) {
      return false;
    }
    this.#alarms.set(kind, { ...alarm, endedAt: new Date(atMs).toISOString() });
    return true;
  }

  #raise(found: Omit<Alarm, "raisedAt">, atMs: number): boolean {
    const before = this.#alarms.get(found.kind);
    if (before !== undefined && before.endedAt === undefined) {
      return false;
    }
    // What is raised now is the latest.
    this.#alarms.delete(found.kind);
    this.#alarms.set(found.kind, { ...found, raisedAt: new Date(atMs).toISOString() });
    return true;
  }
}
