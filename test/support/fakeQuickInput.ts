import { EventEmitter } from "./fakeVscodeTypes.ts";

/** What is done to a list or a box once it is shown; `undefined` is Escape. */
export type QuickInputDeed = "accept" | "back" | undefined;

/** A list or an input box that a program shows step by step, with what VS Code has of them. */
export class FakeQuickInput {
  title = "";
  value = "";
  items: readonly { label: string }[] = [];
  activeItems: readonly { label: string }[] = [];
  validationMessage: string | undefined;
  readonly #act: (input: FakeQuickInput) => QuickInputDeed;
  readonly #accepted = new EventEmitter<void>();
  readonly #backed = new EventEmitter<void>();
  readonly #changed = new EventEmitter<string>();
  readonly #hidden = new EventEmitter<void>();
  readonly onDidAccept = this.#accepted.event;
  readonly onDidTriggerButton = this.#backed.event;
  readonly onDidChangeValue = this.#changed.event;
  readonly onDidHide = this.#hidden.event;

  constructor(act: (input: FakeQuickInput) => QuickInputDeed) {
    this.#act = act;
  }

  write(value: string): void {
    this.value = value;
    this.#changed.fire(value);
  }

  show(): void {
    queueMicrotask(() => {
      const deed = this.#act(this);
      if (deed === undefined) {
        this.hide();
      } else {
        (deed === "accept" ? this.#accepted : this.#backed).fire();
      }
    });
  }

  hide(): void {
    this.#hidden.fire();
  }

  dispose(): void {
    this.#hidden.dispose();
  }
}
