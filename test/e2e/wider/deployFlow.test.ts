import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { promisify } from "node:util";
import { samplePython } from "../../support/python.ts";
import { journey } from "../support/journey.ts";
import { pick, runCommand } from "../support/quickInput.ts";
import { clickDialogButton, clickNotificationButton, dialogText, waitForNotification } from "../support/workbench.ts";

const FLOW = `from metaflow import FlowSpec, resources, schedule, step


@schedule(daily=True)
class NightlyFlow(FlowSpec):
    """Trains every night."""

    @step
    def start(self):
        """Begin."""
        self.next(self.fit)

    @resources(cpu=2, memory=4000)
    @step
    def fit(self):
        """Fit."""
        self.score = 1
        self.next(self.end)

    @step
    def end(self):
        """Done."""


if __name__ == "__main__":
    NightlyFlow()
`;

const KUBE_CONFIG = `
apiVersion: v1
kind: Config
current-context: night
contexts: [{ name: night, context: { cluster: training-west, user: nobody } }]
clusters: [{ name: training-west, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: nobody, user: {} }]
`;

const settings = await mkdtemp(join(tmpdir(), "trainyard-kube-"));
after(() => rm(settings, { recursive: true, force: true }));
const kubeConfig = join(settings, "config");
await writeFile(kubeConfig, KUBE_CONFIG);

journey(
  import.meta.url,
  "a flow that ran is deployed only after a question that names cluster, namespace and command",
  {
    settings: { "workbench.colorTheme": "Default Dark Modern" },
    env: {
      KUBECONFIG: kubeConfig,
      METAFLOW_HOME: settings,
      METAFLOW_DATASTORE_SYSROOT_S3: "s3://models/metaflow",
      METAFLOW_KUBERNETES_NAMESPACE: "research",
    },
  },
  async (editor, shot) => {
    const { page, workspace } = editor;
    const file = join(workspace, "nightly_flow.py");
    await writeFile(file, FLOW);
    await editor.door.execute("workbench.action.closeAuxiliaryBar");
    await editor.door.execute("vscode.open", { $path: file });
    await runCommand(page, "Trainyard: Deploy Flow…");
    await pick(page, "Argo Workflows");
    await waitForNotification(page, /NightlyFlow is not ready for Argo Workflows/);
    await shot("has-not-run");

    await promisify(execFile)(samplePython(), ["nightly_flow.py", "--no-pylint", "run"], {
      cwd: workspace,
      env: { ...process.env, METAFLOW_USER: "tester", PYTHONDONTWRITEBYTECODE: "1" },
    });
    await editor.door.execute("vscode.open", { $path: file });
    await runCommand(page, "Trainyard: Deploy Flow…");
    await pick(page, "Argo Workflows");
    await waitForNotification(page, /NightlyFlow is ready for Argo Workflows/);
    await shot("ready");
    await clickNotificationButton(page, /NightlyFlow is ready/, "Deploy…");
    const question = await dialogText(page);
    assert.match(question, /Deploy NightlyFlow to Argo Workflows\?/);
    assert.match(question, /Cluster: training-west at https:\/\/127\.0\.0\.1:1 \(context night\)/);
    assert.match(question, /Namespace: research \(METAFLOW_KUBERNETES_NAMESPACE\)/);
    assert.match(question, /nightly_flow\.py --datastore=s3 argo-workflows create/);
    await shot("question");
    await clickDialogButton(page, "Cancel");
  },
);
