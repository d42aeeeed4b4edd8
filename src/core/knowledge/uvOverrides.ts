import { groupBy } from "../base/groupBy.ts";
import { type Evidence, type Located, statementsOf } from "./evidence.ts";
import { folderOf } from "./nearness.ts";
import type { Mention } from "./packageConflicts.ts";
import type { Projects } from "./projects.ts";

/**
 * The statements about packages as uv takes them: what `override-dependencies` of a project says stands in the place of
 * all that its `pyproject.toml` files ask for. uv reads overrides at the root of a workspace only. Constraints stay.
 * https://docs.astral.sh/uv/concepts/resolution/#dependency-overrides
 */
export function withOverrides(mentions: readonly Mention[], evidence: Evidence, projects: Projects): Mention[] {
  const overrides = groupBy(statementsOf(evidence, "override"), keyOfOverride);
  return overrides.size === 0
    ? [...mentions]
    : mentions.flatMap((mention) => {
        const own = isOfProject(mention) ? overrides.get(keyOf(mention, projects)) : undefined;
        return own?.map((override) => overridden(mention, override)) ?? [mention];
      });
}

function isOfProject({ standing, source }: Mention): boolean {
  return standing === "declared" && /(?:^|\/)pyproject\.toml$/.test(source.path);
}

function keyOf({ requirement, source }: Mention, projects: Projects): string {
  return `${projects.of(folderOf(source.path))}\0${requirement.name}`;
}

function keyOfOverride({ requirement, source }: Located<"override">): string {
  return `${folderOf(source.path)}\0${requirement.name}`;
}

function overridden(mention: Mention, { requirement, source }: Located<"override">): Mention {
  const { extras, marker } = mention.requirement;
  return { ...mention, source, requirement: { ...(marker ? { marker } : {}), ...requirement, extras } };
}
