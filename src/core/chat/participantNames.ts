/** The agents that run our own code in the chat, `@<name>`; their ids are `trainyard.<name>`. */
export const PARTICIPANT_NAMES = ["metaflow-agent", "ml-trainer", "mlops-engineer"] as const;

export type ParticipantName = (typeof PARTICIPANT_NAMES)[number];

export const PARTICIPANT_ID_PREFIX = "trainyard.";
