import assert from "node:assert/strict";
import { test } from "node:test";
import { readDeployPlace } from "../../../../src/core/metaflow/deploy/deployPlace.ts";
import { namedTarget } from "../../../../src/core/metaflow/deploy/deployTarget.ts";
import { describePlace, placeProblem } from "../../../../src/core/metaflow/deploy/describePlace.ts";

const KUBE = `
apiVersion: v1
current-context: prod
contexts:
  - { name: test, context: { cluster: kind, user: me } }
  - { name: prod, context: { cluster: eks-ml, user: me, namespace: research } }
clusters:
  - { name: eks-ml, cluster: { server: "https://eks.example:6443" } }
users:
  - { name: me, user: { token: secret } }
`;

test("names the cluster of the current context and the namespace that Metaflow takes", () => {
  const place = readDeployPlace({
    environment: { METAFLOW_KUBERNETES_NAMESPACE: "ml" },
    metaflowConfig: '{"METAFLOW_DATASTORE_SYSROOT_S3": "s3://b/m", "METAFLOW_DEFAULT_DATASTORE": "s3"}',
    kubeConfigs: ["broken: [", KUBE],
  });
  assert.deepEqual(describePlace("argo-workflows", place), [
    "Cluster: eks-ml at https://eks.example:6443 (context prod)",
    "Namespace: ml (METAFLOW_KUBERNETES_NAMESPACE; the context itself names research, which Metaflow does not read)",
    "Datastore: s3://b/m",
  ]);
  assert.doesNotMatch(JSON.stringify(place), /secret/);
  assert.equal(placeProblem("argo-workflows", place), undefined);
});

test("says plainly what it does not know", () => {
  const place = readDeployPlace({ environment: {}, kubeConfigs: ["a: &a [1]\nb: *a"] });
  assert.match(
    describePlace("kubernetes", place).join("\n"),
    /Cluster: unknown.*\nNamespace: default \(Metaflow's default/,
  );
  assert.match(
    describePlace("step-functions", place).join("\n"),
    /account: unknown.*\nRegion: unknown.*\n.*queue: unknown/,
  );
  assert.match(placeProblem("kubernetes", place) ?? "", /no datastore but the local one/);
});

test("account, region and queue are read from the names that AWS gave them; the environment comes before the file", () => {
  const place = readDeployPlace({
    environment: { METAFLOW_DATASTORE_SYSROOT_GS: "gs://b" },
    metaflowConfig: JSON.stringify({
      METAFLOW_BATCH_JOB_QUEUE: "arn:aws:batch:eu-west-1:123456789012:job-queue/gpus",
      METAFLOW_DATASTORE_SYSROOT_GS: "gs://other",
      METAFLOW_ECS_S3_ACCESS_IAM_ROLE: "arn:aws:iam::123456789012:role/task",
    }),
    kubeConfigs: [],
  });
  assert.deepEqual(place.aws, {
    account: "123456789012",
    region: "eu-west-1",
    queue: "gpus",
    hasStepFunctionsRole: false,
    hasTaskRole: true,
    hasScheduleRole: false,
    hasForeachTable: false,
  });
  assert.deepEqual(place.datastore, { type: "gs", root: "gs://b", isDefault: false });
  assert.match(placeProblem("batch", place) ?? "", /needs a datastore on S3, and this one is gs:\/\/b/);
});

test("a target is found in words", () => {
  const words = ["to argo", "on step functions", "with k8s", "AWS Batch", "somewhere"];
  assert.deepEqual(words.map(namedTarget), ["argo-workflows", "step-functions", "kubernetes", "batch", undefined]);
});
