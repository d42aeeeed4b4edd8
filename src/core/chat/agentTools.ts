/** A tool of ours, under both of its names. */
export type ToolNames = { name: string; referenceName: string };

/** What an agent file writes for every tool of ours. */
const ALL_OURS = ["*", "trainyard.trainyard/*"];

/**
 * The tools an agent may use here, by the names under which they are registered. Agent files name them by reference,
 * `publisher.extension/reference`; tools of VS Code itself that a file names for its custom agent have no counterpart
 * here and are passed over. A file without a list gets all of ours, one with an empty list none.
 */
export function selectTools(
  references: readonly string[] | undefined,
  ours: readonly ToolNames[],
  registered: readonly string[],
): string[] {
  const named = references?.flatMap((reference) => {
    if (ALL_OURS.includes(reference)) {
      return ours.map((tool) => tool.name);
    }
    const own = ours.find((tool) => tool.name === reference || tool.referenceName === reference.split("/").at(-1));
    return own?.name ?? reference;
  });
  const wanted = named ?? ours.map((tool) => tool.name);
  return [...new Set(wanted)].filter((name) => registered.includes(name));
}

export type ModelName = { name: string; family: string; id: string };

/** The first preference that an available model meets. `claude-4-5-opus` and `Claude Opus 4.5` are one model. */
export function findPreferredModel<Model extends ModelName>(
  preferences: readonly string[],
  models: readonly Model[],
): { preference: string; model: Model } | undefined {
  for (const preference of preferences) {
    const wanted = words(preference.replace(/\s*\([^)]*\)\s*$/, ""));
    const model = models.find((each) => wanted.length > 0 && meets(each, wanted));
    if (model !== undefined) {
      return { preference, model };
    }
  }
  return undefined;
}

export function isPreferredModel(preferences: readonly string[], model: ModelName): boolean {
  return preferences.length === 0 || findPreferredModel(preferences, [model]) !== undefined;
}

/** The choice "Auto" of the picker: the person leaves it open which model answers. Any other one was picked, or kept. */
export function isAutomatic({ id }: ModelName): boolean {
  return id === "auto" || id === "copilot/auto";
}

/** Which model answered. */
export function describeModel(model: ModelName): string {
  return `Answered by ${model.name}.`;
}

/** The same, with what is to be known where the agent was written for certain models. `available`: those of the window. */
export function describeModelUsed(
  preferences: readonly string[],
  model: ModelName,
  available: readonly ModelName[],
): string {
  if (isPreferredModel(preferences, model)) {
    return describeModel(model);
  }
  const preferred = findPreferredModel(preferences, available)?.model;
  return preferred === undefined
    ? `${describeModel(model)} This agent prefers ${preferences[0]}, which is not available here.`
    : `${describeModel(model)} This agent prefers ${preferred.name}, which you can pick below the input box.`;
}

function meets(model: ModelName, wanted: readonly string[]): boolean {
  const present = words(`${model.name} ${model.family} ${model.id}`);
  return wanted.every((word) => present.includes(word));
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
}
