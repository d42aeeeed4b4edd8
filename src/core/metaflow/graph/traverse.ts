import type { NodeType } from "./nodeType.ts";

type Walked = { name: string; type: NodeType | undefined; next: readonly string[] };

/** The splits that are open at a step, outermost first, and the first step of the branch taken at each. */
export type OpenSplits = { parents: readonly string[]; branches: readonly string[] };

export type Traversal = {
  openSplits: ReadonlyMap<string, OpenSplits>;
  incoming: ReadonlyMap<string, ReadonlySet<string>>;
  matchingJoins: ReadonlyMap<string, string>;
  order: readonly string[];
};

/** A list that shares its beginning with others, so that a step costs the same at any depth; equal lists are one object. */
type Stack = {
  id: number;
  top: string | undefined;
  below: Stack | undefined;
  longer: Map<string, Stack>;
  names?: readonly string[];
};

/** What is open where a step is reached. */
type Place = { parents: Stack; branches: Stack };

type Visit = { node: Walked; after: Place; isSplit: boolean; remaining: number };

const MAX_PLACES_PER_STEP = 20;

/**
 * What Metaflow finds by walking every path from the start, without walking every path: their number doubles with each
 * split that follows another.
 *
 * Metaflow keeps, for each step, what the last path to it brought. When the targets of each step are taken backwards, the
 * last path comes first, so that a step has to be followed only once for each set of open splits it is reached with. In
 * a balanced flow that is once. Where splits are not joined there can be many, of which a limited number is followed.
 * The order is that in which this walk leaves the steps, reversed.
 */
export function traverse(nodes: ReadonlyMap<string, Walked>, start: string | undefined): Traversal {
  const walk = new Walk(nodes);
  const first = start === undefined ? undefined : nodes.get(start);
  if (first) {
    walk.from(first);
  }
  return {
    openSplits: new Map(
      [...walk.places].map(([name, { parents, branches }]) => [
        name,
        { parents: namesOf(parents), branches: namesOf(branches) },
      ]),
    ),
    incoming: walk.incoming,
    matchingJoins: walk.matchingJoins,
    order: [...walk.left].toReversed(),
  };
}

class Walk {
  readonly places = new Map<string, Place>();
  readonly incoming = new Map<string, Set<string>>();
  readonly matchingJoins = new Map<string, string>();
  readonly left = new Set<string>();
  readonly #nodes: ReadonlyMap<string, Walked>;
  readonly #visited = new Map<string, Set<string>>();
  readonly #onPath = new Set<string>();
  #stacks = 0;

  constructor(nodes: ReadonlyMap<string, Walked>) {
    this.#nodes = nodes;
  }

  /** The path is a list and not a recursion, since a generated flow can be deeper than the stack of calls. */
  from(start: Walked): void {
    const nothing = { parents: this.#newStack(), branches: this.#newStack() };
    // Metaflow does not count the start as visited, so that a way back to it is followed once.
    const path = [this.#enter(start, nothing)];
    for (let visit = path.at(-1); visit; visit = path.at(-1)) {
      visit.remaining -= 1;
      const target = this.#nodes.get(visit.node.next[visit.remaining] ?? "");
      if (visit.remaining < 0) {
        path.pop();
        this.left.add(visit.node.name);
        this.#onPath.delete(visit.node.name);
      } else if (target && !this.#onPath.has(target.name)) {
        this.#note(target.name, visit.node.name);
        const place = this.#placeBehind(visit, target.name);
        if (this.#isNew(target.name, place)) {
          this.#onPath.add(target.name);
          path.push(this.#enter(target, place));
        }
      }
    }
  }

  #enter(node: Walked, place: Place): Visit {
    const isSplit = node.type === "split" || node.type === "foreach";
    const visit = { node, isSplit, remaining: node.next.length };
    if (node.type !== "join") {
      this.#keep(node.name, place);
      const parents = isSplit ? this.#push(place.parents, node.name) : place.parents;
      return { ...visit, after: { ...place, parents } };
    }
    const split = place.parents.top;
    if (split === undefined) {
      // A join without a split leaves no trace.
      return { ...visit, after: place };
    }
    const branches = place.branches.below ?? place.branches;
    this.#keep(node.name, { parents: place.parents, branches });
    if (!this.matchingJoins.has(split)) {
      this.matchingJoins.set(split, node.name);
    }
    return { ...visit, after: { parents: place.parents.below ?? place.parents, branches } };
  }

  #placeBehind({ after, isSplit }: Visit, target: string): Place {
    return isSplit ? { ...after, branches: this.#push(after.branches, target) } : after;
  }

  #keep(name: string, place: Place): void {
    if (!this.places.has(name)) {
      this.places.set(name, place);
    }
  }

  #note(target: string, from: string): void {
    const known = this.incoming.get(target);
    if (known) {
      known.add(from);
    } else {
      this.incoming.set(target, new Set([from]));
    }
  }

  #isNew(name: string, { parents, branches }: Place): boolean {
    const visited = this.#visited.get(name) ?? new Set<string>();
    this.#visited.set(name, visited);
    const key = `${parents.id} ${branches.id}`;
    if (visited.has(key) || visited.size >= MAX_PLACES_PER_STEP) {
      return false;
    }
    visited.add(key);
    return true;
  }

  #newStack(top?: string, below?: Stack): Stack {
    this.#stacks += 1;
    return { id: this.#stacks, top, below, longer: new Map() };
  }

  #push(stack: Stack, top: string): Stack {
    const known = stack.longer.get(top) ?? this.#newStack(top, stack);
    stack.longer.set(top, known);
    return known;
  }
}

/** The names of a list, outermost first; places with the same list share them. */
function namesOf(stack: Stack): readonly string[] {
  if (stack.names === undefined) {
    const names: string[] = [];
    for (let at: Stack | undefined = stack; at?.top !== undefined; at = at.below) {
      names.push(at.top);
    }
    stack.names = names.toReversed();
  }
  return stack.names;
}
