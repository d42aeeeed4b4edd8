/** The command behind the links of answers: opens the chat with a request to one of our agents. */
export const ASK_AGENT_COMMAND = "trainyard.askAgent";

export const BUILT_IN_NAME = "Built-in (no AI)";
