import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { type DeployPlace, readDeployPlace } from "../../../core/metaflow/deploy/deployPlace.ts";
import { readSource } from "../../base/readSource.ts";

/** Where a deployment from this machine would go. Reads configuration files; asks nothing and nobody. */
export async function findDeployPlace(environment: NodeJS.ProcessEnv): Promise<DeployPlace> {
  const kubeFiles = environment["KUBECONFIG"]?.split(delimiter).filter((path) => path !== "") ?? [
    join(homedir(), ".kube", "config"),
  ];
  const texts = await Promise.all(kubeFiles.map((path) => readSource(path)));
  const profile = environment["METAFLOW_PROFILE"];
  const home = environment["METAFLOW_HOME"] ?? join(homedir(), ".metaflowconfig");
  const config = join(home, profile === undefined || profile === "" ? "config.json" : `config_${profile}.json`);
  return readDeployPlace({
    environment,
    metaflowConfig: await readSource(config),
    kubeConfigs: texts.filter((text) => text !== undefined),
  });
}
