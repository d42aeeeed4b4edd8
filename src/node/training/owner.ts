import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../core/base/errors.ts";
import { renderShownCommand } from "../../core/training/commandLine.ts";
import { describeRunEnd } from "../../core/training/describeRun.ts";
import type { Gpu } from "../../core/training/gpuReport.ts";
import { locateLogLine, logSizes } from "../../core/training/logParts.ts";
import type { RunRecord, RunStatus } from "../../core/training/runRecord.ts";
import { watchdogLimitsSchema } from "../../core/training/watchdog/alarm.ts";
import type { FollowMetrics } from "../../core/training/watchdog/loggedValue.ts";
import { Watchdog } from "../../core/training/watchdog/watchdog.ts";
import { MemoryKillCount } from "../base/memoryKills.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import { identifyProcess } from "../base/processIdentity.ts";
import { type EndedCommand, isShell } from "./backgroundTraining.ts";
import { type BackgroundEnd, BackgroundWatch, isLeftAlone } from "./backgroundWatch.ts";
import { explainSafely } from "./explainSafely.ts";
import { readNow } from "./fifoReader.ts";
import { readLeftOutput } from "./leftOutput.ts";
import type { LogEnd } from "./logEnd.ts";
import { LogWriter } from "./logWriter.ts";
import { MetricLooks } from "./metricLooks.ts";
import { openOutputsOf } from "./outputPipes.ts";
import { OutputRecorder } from "./outputRecorder.ts";
import { OWNER_EXIT } from "./ownerExit.ts";
import { OwnerGuard } from "./ownerGuard.ts";
import { OwnProblem } from "./ownProblem.ts";
import { RemovedFolder } from "./removedFolder.ts";
import { ResourceSampler } from "./resourceSampler.ts";
import { runFiles } from "./runFolder.ts";
import type { HoldGpus } from "./runLeases.ts";
import { NO_GROUP, RunProcesses } from "./runProcesses.ts";
import { startedWords } from "./startedWords.ts";
import { StatusWriter } from "./statusWriter.ts";
import { readStopRequest } from "./stopRequest.ts";
import { StopStages, stopNote } from "./stopStages.ts";
import { failureIn, launchTraining, stateAfter, type TrainingProcess } from "./trainingProcess.ts";
import { WritingWatch } from "./writingWatch.ts";

const TICK_MS = 250;
const HEARTBEAT_MS = 3_000;
const PROGRESS_INTERVAL_MS = 1_000;
/** What a program printed just before its end is still in the pipe; a worker that lives on may hold it open for ever. */
const PIPE_CLOSE_MS = 1_000;
/** For what was read to arrive; too short for a training in the background to start and come to its first epoch. */
const LAST_WORDS_MS = 50;

/** What an owner starts from; `inherited` and `logged` are what a dead one left. */
type OwnerStart = {
  folder: string;
  record: RunRecord;
  supervisorPath: string;
  leaseProblem: string | undefined;
  holdGpus: HoldGpus;
  inherited: RunStatus | undefined;
  logged: LogEnd | undefined;
  followMetrics: FollowMetrics;
};

/** One owner of one run, from `ownRun`. */
export class RunOwner {
  readonly #folder: string;
  readonly #record: RunRecord;
  readonly #supervisorPath: string;
  readonly #leaseProblem: string | undefined;
  readonly #log: LogWriter;
  readonly #watchdog: Watchdog;
  readonly #sampler: ResourceSampler;
  readonly #output: OutputRecorder;
  readonly #looks: MetricLooks;
  readonly #statusWriter: StatusWriter;
  readonly #stop: StopStages;
  readonly #writing = new WritingWatch();
  #status: RunStatus;
  readonly #memoryKills = new MemoryKillCount();
  #processes: RunProcesses;
  readonly #background = new BackgroundWatch(() => this.#processes.list());
  readonly #removedFolder: RemovedFolder;
  readonly #ownProblem = new OwnProblem();
  #statusAtMs = Number.NEGATIVE_INFINITY;

  constructor(start: OwnerStart) {
    const { folder, record, supervisorPath, leaseProblem, inherited, logged, followMetrics } = start;
    this.#folder = folder;
    this.#record = record;
    this.#supervisorPath = supervisorPath;
    this.#leaseProblem = leaseProblem;
    const files = runFiles(folder);
    this.#log = new LogWriter(files.log, { limitMiB: record.logLimitMiB, after: logged });
    this.#watchdog = new Watchdog(watchdogLimitsSchema.parse(record.watchdog ?? {}), inherited?.alarms);
    this.#sampler = new ResourceSampler(record.plan, folder, (gpus) => void this.#hold(gpus, start.holdGpus));
    this.#output = new OutputRecorder(this.#log, this.#watchdog, inherited);
    this.#removedFolder = new RemovedFolder(folder, record);
    this.#looks = new MetricLooks(record, {
      follow: followMetrics,
      take: (values) => this.#output.addLogged(values),
      tell: (problem) => this.#log.note(problem),
    });
    this.#statusWriter = new StatusWriter(files.status);
    this.#stop = new StopStages(record.stopGraceMs);
    this.#processes = new RunProcesses(record.id);
    this.#status = {
      schemaVersion: 1,
      state: "starting",
      ...inherited,
      supervisor: identifyProcess(process.pid) ?? { pid: process.pid, startTime: "" },
      heartbeatAt: new Date().toISOString(),
    };
  }

  /** Starts the training and stays with it. */
  async own(): Promise<number> {
    this.#takeSignals();
    try {
      await this.#statusWriter.writeNow(this.#status);
    } catch {
      return OWNER_EXIT.cannotWrite;
    }
    await this.#pollStop();
    if (this.#stop.isAsked) {
      return this.#finish({ state: "stopped" });
    }
    // Before there is a training: one that its owner did not outlive for a moment needs a successor too.
    const guard = new OwnerGuard(this.#folder, this.#supervisorPath);
    let training: TrainingProcess;
    try {
      training = await launchTraining(this.#record);
    } catch (error) {
      this.#ownProblem.set(messageOf(error));
      await guard.release();
      return this.#finish({ state: "failed" });
    }
    const identity = identifyProcess(training.pid);
    this.#update({
      state: "running",
      startedAt: new Date().toISOString(),
      ...(identity === undefined ? {} : { training: identity }),
    });
    this.#log.note(`Started as process ${training.pid}: ${renderShownCommand(this.#record.plan.command)}`);
    if (this.#leaseProblem !== undefined) {
      this.#log.note(this.#leaseProblem);
    }
    return this.#watch(training, guard);
  }

  /** Stays with a training whose owner was killed. */
  async takeOver(orphan: TrainingProcess): Promise<number> {
    this.#takeSignals();
    const request = await readStopRequest(this.#folder);
    if (request?.level === "graceful") {
      // The first signal was sent by whoever read the request before; for many programs a second one means "at once".
      this.#stop.ask(request, monotonicMs());
      this.#stop.next(monotonicMs());
    }
    this.#update({ state: this.#stop.isAsked ? "stopping" : "running" });
    this.#log.note(
      `The supervisor of this run was killed and another one took over; process ${orphan.pid} trained on meanwhile.`,
    );
    return this.#watch(orphan, new OwnerGuard(this.#folder, this.#supervisorPath));
  }

  /**
   * Ends what is left of a training that is gone together with its owner, and writes what can be known of its end: where
   * nothing is left, it was not later than the last sign of life.
   */
  async bury(lastSeenAt: string): Promise<number> {
    this.#takeSignals();
    this.#log.note("The supervisor of this run was killed, and the training is gone too.");
    this.#update({ state: "stopping" });
    const guard = new OwnerGuard(this.#folder, this.#supervisorPath);
    // What goes on prints into the pipes of the run, and after 64 KiB would wait for a reader.
    const output = openOutputsOf(this.#processes.list());
    this.#listenTo(output);
    const timer = setInterval(() => this.#tickBehind(), TICK_MS);
    await this.#pollStop();
    const words = startedWords(this.#record.plan);
    const failure = failureIn(this.#status);
    const command = { words, groupId: NO_GROUP, progress: undefined, isPrintedOn: false, failure };
    const background = isShell(words) && !this.#stop.isAsked ? await this.#awaitBackground(command) : "none";
    const leftovers = isLeftAlone(background) ? this.#leaveAlone(output) : await this.#endLeftovers();
    clearInterval(timer);
    await Promise.race([allClosed(output), delay(PIPE_CLOSE_MS, undefined, { ref: false })]);
    this.#output.flush();
    await guard.release();
    const state = failure !== undefined ? "failed" : this.#stop.isAsked ? "stopped" : "lost";
    // The cause is looked up in the log when somebody asks: nothing of it was heard here.
    const wasAlone = leftovers.kind === "none" && background === "none";
    return this.#finish({ state, ...(wasAlone ? { endedAt: lastSeenAt } : {}) }, { isHeard: false });
  }

  #takeSignals(): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => this.#stop.ask({ level: "graceful" }, monotonicMs()));
    }
    process.on("SIGHUP", () => undefined);
    // A mistake of ours must not end a training that has run for days: it goes on, and the status says so.
    process.on("uncaughtException", (error) => {
      this.#ownProblem.noteError(error, (text) => this.#log.note(text));
    });
  }

  async #watch(training: TrainingProcess, guard: OwnerGuard): Promise<number> {
    const output = [training.stdout, training.stderr];
    const closed = allClosed(output);
    this.#listenTo(output);
    this.#processes = new RunProcesses(this.#record.id, training.pid);
    const startedMs = Date.parse(this.#status.startedAt ?? this.#record.createdAt);
    this.#looks.begin(startedMs, monotonicMs());
    const timer = setInterval(() => this.#tick(training), TICK_MS);
    // Of a command that failed the owner before had heard it; what was stayed with since then is only its background.
    const inherited = failureIn(this.#status);
    const end = { ...(await training.ended), ...inherited };
    const state = this.#stop.isAsked && inherited === undefined ? "stopped" : stateAfter(end);
    this.#processes.leaderEnded();
    const endedAt = new Date().toISOString();
    const drain = (forMs = PIPE_CLOSE_MS) => Promise.race([closed, delay(forMs, undefined, { ref: false })]);
    readNow(training.stdout);
    readNow(training.stderr);
    await drain(LAST_WORDS_MS);
    this.#output.flush();
    const { progress, progressLines } = this.#output;
    await drain();
    this.#output.flush();
    const isPrintedOn = this.#output.progressLines > progressLines;
    const failure = state === "failed" ? end : undefined;
    // What it left may train for days, and an owner that takes over meanwhile could hear it from nobody.
    if (failure !== undefined) {
      this.#update(failure);
    }
    const words = startedWords(this.#record.plan);
    const command = { words, groupId: training.pid, progress, isPrintedOn, failure };
    // How one ended that was taken over nobody heard: well, for what it left to train on.
    const mayGoOn = ["finished", "lost"].includes(state) || (state === "failed" && isShell(command.words));
    const background = mayGoOn ? await this.#awaitBackground(command) : "none";
    const leftovers = isLeftAlone(background) ? this.#leaveAlone(output) : await this.#endLeftovers();
    await drain();
    if (state === "finished" && leftovers.kind === "ended") {
      this.#ownProblem.set(
        `What it had left running (process ${leftovers.pids.join(", ")}) was ended: wait in the script for what has to be done.`,
      );
    }
    clearInterval(timer);
    this.#output.end({ isWell: state === "finished" });
    await this.#looks.end(this.#output.lossAtMs);
    await guard.release();
    if (state !== "failed" && (background === "ended" || background === "idle")) {
      return this.#finish({ state: this.#stop.isAsked ? "stopped" : "lost" });
    }
    const wasLast = leftovers.kind === "none" && background !== "ended";
    // Of what another owner heard the log tells, when somebody asks.
    return this.#finish({ state, ...(wasLast ? { endedAt } : {}), ...end }, { isHeard: inherited === undefined });
  }

  #listenTo(output: readonly Readable[]): void {
    for (const stream of output) {
      this.#output.record(stream);
      stream.on("data", () => this.#background.noteProgress(this.#output.progressLines));
    }
  }

  #awaitBackground(command: EndedCommand): Promise<BackgroundEnd> {
    return this.#background.stay(command, {
      isOver: () => this.#stop.isOver(monotonicMs()),
      tell: (note, status = {}) => {
        this.#log.note(note);
        this.#update({ ...status, state: this.#stop.isAsked ? "stopping" : "running" });
      },
    });
  }

  #tick(training: TrainingProcess): void {
    const nowMs = monotonicMs();
    this.#output.flush();
    this.#attend();
    this.#looks.look(nowMs, this.#output.lossAtMs);
    const disk = this.#sampler.sample(training.pid, nowMs);
    const hasAlarm = this.#watchdog.observe({ kind: "look", atMs: Date.now(), isBusy: this.#sampler.isBusy, disk });
    const age = nowMs - this.#statusAtMs;
    if (hasAlarm || age >= HEARTBEAT_MS || (age >= PROGRESS_INTERVAL_MS && this.#output.takeNewProgress())) {
      this.#update({});
    }
  }

  /** The same where only what the command left is there: its own processes are not looked into. */
  #tickBehind(): void {
    this.#output.flush();
    this.#attend();
    if (monotonicMs() - this.#statusAtMs >= HEARTBEAT_MS) {
      this.#update({});
    }
  }

  #attend(): void {
    this.#log.retry(monotonicMs());
    void this.#restoreFolder();
    void this.#pollStop().then(() => this.#sendDueSignal(monotonicMs()));
  }

  /** Of GPUs that the training took by itself, the log says which. */
  async #hold(gpus: readonly Gpu[], holdGpus: HoldGpus): Promise<void> {
    const problem = await holdGpus(gpus);
    const names = gpus.map(({ index, name }) => `GPU ${index} (${name})`).join(", ");
    this.#log.note(`The training uses ${names}.${problem === undefined ? "" : ` ${problem}`}`);
  }

  async #restoreFolder(): Promise<void> {
    if (await this.#removedFolder.restore(monotonicMs())) {
      this.#log.note("The folder of this run was removed and has been made anew; what was printed before is gone.");
      this.#update({});
    }
  }

  async #pollStop(): Promise<void> {
    const request = await readStopRequest(this.#folder);
    if (request !== undefined) {
      this.#stop.ask(request, monotonicMs());
    }
  }

  #sendDueSignal(nowMs: number): void {
    if (this.#stop.isAsked && (this.#output.takeRemark() || this.#writing.isWriting(() => this.#processes.list()))) {
      this.#stop.sawWriting(nowMs);
    }
    const signal = this.#stop.next(nowMs);
    if (signal === undefined || this.#processes.areGone()) {
      return;
    }
    this.#log.note(stopNote(signal, this.#processes.isLed, this.#stop.graceMs));
    this.#watchdog.end();
    this.#update({ state: "stopping" });
    this.#processes.signal(signal);
  }

  #leaveAlone(output: readonly Readable[]): { kind: "none" } {
    const { leftOutput } = runFiles(this.#folder);
    if (
      readLeftOutput(this.#processes.list(), {
        path: leftOutput,
        limitBytes: logSizes(this.#record.logLimitMiB).limitBytes,
      })
    ) {
      this.#log.note(`What it prints from here on goes to ${leftOutput}.`);
      output.forEach((stream) => stream.destroy());
    }
    return { kind: "none" };
  }

  #endLeftovers(): ReturnType<RunProcesses["endLeftovers"]> {
    return this.#processes.endLeftovers(this.#stop, {
      note: (text) => this.#log.note(text),
      isWriting: () => this.#writing.isWriting(() => this.#processes.list()),
    });
  }

  #update(change: Partial<RunStatus>): void {
    this.#status = this.#composeStatus(change);
    this.#statusAtMs = monotonicMs();
    this.#statusWriter.write(this.#status);
  }

  #composeStatus(change: Partial<RunStatus>): RunStatus {
    const { problem: _outdated, ...rest } = this.#status;
    const problem = [this.#leaseProblem, this.#ownProblem.text, this.#log.problem]
      .filter((text) => text !== undefined)
      .join(" ");
    const progress = this.#output.progress;
    const { restarts } = this.#output;
    const { alarms } = this.#watchdog;
    const resources = this.#sampler.latest;
    const log = this.#log.layout;
    return {
      ...rest,
      ...change,
      heartbeatAt: new Date().toISOString(),
      ...(progress === undefined ? {} : { progress }),
      ...(restarts === undefined ? {} : { restarts }),
      ...(alarms.length === 0 ? {} : { alarms: [...alarms] }),
      ...(resources === undefined ? {} : { resources }),
      ...(log === undefined ? {} : { log }),
      ...(problem === "" ? {} : { problem }),
    };
  }

  /** The log is complete before the status says that the run has ended: readers stop reading then. */
  async #finish(
    end: Partial<RunStatus> & Pick<RunStatus, "state">,
    { isHeard }: { isHeard: boolean } = { isHeard: true },
  ): Promise<number> {
    const known: Partial<RunStatus> & Pick<RunStatus, "state"> = {
      endedAt: new Date().toISOString(),
      ...end,
      ...(end.state === "failed" ? this.#countMemoryKills() : {}),
    };
    const isExplained = isHeard && end.state !== "stopped" && this.#status.startedAt !== undefined;
    const { plan } = this.#record;
    const { layout } = this.#log;
    // A proof has to be there for whoever looks it up.
    const lines = this.#output.tail.filter(({ line }) => locateLogLine(line, layout) !== undefined);
    const ended = { folder: this.#folder, plan, state: end.state, status: this.#composeStatus(known) };
    const { problem, ...explained } = isExplained ? await explainSafely(lines, ended) : {};
    this.#ownProblem.setFirst(problem);
    const change: Partial<RunStatus> = { ...known, ...explained };
    const status = this.#composeStatus(change);
    this.#log.note(describeRunEnd({ record: this.#record, status, state: status.state, folder: this.#folder }));
    await this.#log.close();
    await this.#statusWriter.writeLast(this.#composeStatus(change));
    return OWNER_EXIT.done;
  }

  /** What the kernel's count says about a SIGKILL. */
  #countMemoryKills(): Pick<RunStatus, "memoryKills" | "memoryKillsElsewhere"> {
    const { here, elsewhere } = this.#memoryKills.sinceThen;
    return {
      ...(here === undefined ? {} : { memoryKills: here }),
      ...(elsewhere === undefined || elsewhere === 0 ? {} : { memoryKillsElsewhere: elsewhere }),
    };
  }
}

async function allClosed(streams: readonly Readable[]): Promise<void> {
  await Promise.all(
    streams.map(
      (stream) =>
        new Promise<void>((resolve) => {
          stream.once("close", resolve);
        }),
    ),
  );
}
