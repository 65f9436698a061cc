"""A run every night, as a pod. Needs Airflow 3 with the providers cncf.kubernetes and, for the parent of the run's lineage, openlineage."""

import datetime

from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import dag
from kubernetes.client import models as k8s

# Where the operator looks for what a pod came to. The program writes it however it ends, so that XCom never hides the error.
RESULT = "/airflow/xcom/return.json"


class SegmenterOperator(KubernetesPodOperator):
    """A pod that is tried again only where the result file says that it helps."""

    def cleanup(self, pod, remote_pod, xcom_result=None, context=None):
        try:
            super().cleanup(pod, remote_pod, xcom_result, context)
        except AirflowSkipException:
            raise
        except AirflowException as error:
            if isinstance(xcom_result, dict) and not xcom_result["retry_helps"]:
                raise AirflowFailException(f"segmenter: {xcom_result['error']['message']}") from error
            raise


@dag(schedule="30 4 * * *", start_date=datetime.datetime(2026, 1, 1), catchup=False, max_active_runs=1)
def segment_club():
    SegmenterOperator(
        task_id="segment",
        name="segmenter-club",
        image="registry.example.com/data/segmenter:0.1.0",
        cmds=["segmenter"],
        arguments=["run", "/etc/segmenter/club.toml", "--as-of={{ ds }}", "--memory=3G", "--scratch=/scratch"],
        env_vars={
            "SEGMENTER_RESULT_FILE": RESULT,
            "OPENLINEAGE_URL": "{{ var.value.get('openlineage_url', '') }}",
            "OPENLINEAGE_PARENT_ID": "{{ macros.OpenLineageProviderPlugin.lineage_parent_id(task_instance) }}",
        },
        do_xcom_push=True,
        # Another coordinator has the run, and tells its end.
        skip_on_exit_code=[5],
        retries=6,
        retry_delay=datetime.timedelta(minutes=1),
        retry_exponential_backoff=True,
        volumes=[
            k8s.V1Volume(name="job", config_map=k8s.V1ConfigMapVolumeSource(name="segmenter-club")),
            k8s.V1Volume(name="scratch", empty_dir=k8s.V1EmptyDirVolumeSource(size_limit="20Gi")),
        ],
        volume_mounts=[
            k8s.V1VolumeMount(name="job", mount_path="/etc/segmenter", read_only=True),
            k8s.V1VolumeMount(name="scratch", mount_path="/scratch"),
        ],
        container_resources=k8s.V1ResourceRequirements(
            requests={"cpu": "2", "memory": "4Gi"}, limits={"memory": "4Gi"}
        ),
    )


segment_club()
