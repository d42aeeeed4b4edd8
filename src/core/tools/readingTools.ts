/** Tools that only look, so that an agent may call them whatever its phase. `trainyard_workflow` decides about its writes by itself. */
export const READING_TOOLS: readonly string[] = [
  "trainyard_project_facts",
  "trainyard_run_status",
  "trainyard_read_metrics",
  "trainyard_diagnose_run",
  "trainyard_inspect_checkpoints",
  "trainyard_check_change",
  "trainyard_workflow",
];
