/** How the owner process ends; the process that started it has no other way to hear why there is no status. */
export const OWNER_EXIT = { done: 0, alreadyOwned: 3, cannotWrite: 4, unreadableRun: 5 } as const;
