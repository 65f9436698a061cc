//! The headline promise on a cluster: the bytes of one process, whatever the number of workers.

use crate::harness::*;

const WORKERS: [usize; 4] = [1, 2, 4, 7];

/// Starts so many workers, each with the run open before the next comes.
fn workers(trial: &Trial, coordinator: &Coordinator, count: usize, environment: &[(String, String)]) -> Vec<Running> {
    let start = |_| trial.worker(coordinator).envs(environment).start();
    (0..count).map(start).collect::<Vec<_>>().into_iter().map(Running::until_open).collect()
}

#[test]
fn any_number_of_workers_writes_the_bytes_of_one_process() {
    let trial = Trial::new();
    for count in WORKERS {
        trial.workspace.forget_results();
        let coordinator = Coordinator::start(trial.coordinator(count));
        let workers = workers(&trial, &coordinator, count, &[]);
        let run = trial.assert_same(&coordinator.wait().succeeded());
        assert_eq!(run.figure("assign", "workers"), count as u64, "all {count} workers have shards");
        assert_eq!((run.figure_of_all("retries"), run.json("run.json")["generations"].as_u64()), (0, Some(1)));
        for stage in ["partition", "features", "fit", "assign", "measure"] {
            assert!(run.figure(stage, "sent_bytes") > 0 && run.figure(stage, "received_bytes") > 0, "{stage}");
        }
        workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
    }
}

#[test]
fn inputs_and_results_on_s3_are_the_same_bytes_for_any_number_of_workers() {
    let (s3, trial) = (S3::shared(), Trial::new());
    for count in WORKERS {
        let out = format!("out-{count}");
        let job = trial.job_on_s3(&s3, &out);
        let coordinator = Coordinator::start(trial.workspace.coordinator(&job, count).envs(&s3.environment));
        let workers = workers(&trial, &coordinator, count, &s3.environment);
        let ran = coordinator.wait().succeeded();
        assert!(ran.run_folder().starts_with(&s3.uri(&format!("{out}/trial/runs/"))), "{ran}");
        let run = s3.committed(&ran);
        assert_eq!(run.byte_digest(), trial.expected, "{count} workers");
        assert_eq!(run.figure("assign", "workers"), count as u64);
        workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
    }
}

#[test]
fn relative_paths_lead_to_the_same_files_wherever_a_worker_starts() {
    let trial = Trial::new();
    let text = std::fs::read_to_string(&trial.job).unwrap();
    let text = ["in", "out"].iter().fold(text, |text, name| text.replace(&trial.workspace.uri(name), name));
    let job = trial.workspace.job_named("relative.toml", &text);
    let elsewhere = Workspace::new();
    let program = trial.workspace.coordinator(&job, 2).within(trial.workspace.root());
    let coordinator = Coordinator::start(program);
    let start = |_| trial.worker(&coordinator).within(elsewhere.root()).start();
    let workers: Vec<_> = (0..2).map(start).collect();
    let ran = coordinator.wait().succeeded();
    let folder = trial.workspace.root().join(ran.run_folder());
    assert_eq!(CommittedRun::local(folder.to_str().unwrap()).byte_digest(), trial.expected);
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
    assert_eq!(std::fs::read_dir(elsewhere.root()).unwrap().count(), 0, "nothing is written where a worker started");
}

#[test]
fn workers_that_stay_do_the_next_run_too() {
    let trial = Trial::new();
    let address = format!("127.0.0.1:{}", free_port());
    let url = format!("http://{address}");
    let workers: Vec<_> = (0..2).map(|_| trial.workspace.worker(&url).args(&["--stay"]).start()).collect();
    for _ in 0..2 {
        trial.workspace.forget_results();
        let ran = trial.coordinator(2).args(&["--listen", &address]).go().succeeded();
        let run = trial.assert_same(&ran);
        assert_eq!(run.figure("assign", "workers"), 2);
    }
    for mut worker in workers {
        worker.until_times("opened run", 2);
        worker.terminate();
        worker.wait().succeeded();
    }
}

#[test]
fn work_that_is_committed_needs_no_worker() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(1));
    let worker = trial.worker(&coordinator).start();
    let first = coordinator.wait().succeeded();
    worker.wait().succeeded();
    // None comes, and none is waited for.
    let again = trial.coordinator(1).args(&["--wait", "1s"]).go().succeeded().says(&["committed_before"]);
    assert_eq!(again.run_folder(), first.run_folder());
}

#[test]
fn long_ids_and_many_columns_are_fitted_on_a_cluster_like_in_one_process() {
    let mut orders = orders_of(6_000, 30);
    for order in &mut orders {
        order.client_no = order.client_no.as_ref().map(|id| format!("{id:x<128}"));
    }
    let column = |number: u32| {
        format!(
            "[[features.custom]]\nname = \"column_{number}\"\nexpression = \"sum(case when product_id >= 'sku-{number}' then weight else amount end)\"\ndefault = 0\n"
        )
    };
    let columns: Vec<u32> = (0..10).collect();
    let features: String = columns.iter().map(|number| column(*number)).collect();
    let names: Vec<String> = columns.iter().map(|number| format!("\"column_{number}\"")).collect();
    let segmentation = |name: &str, method: &str, k: &str| {
        format!(
            "[[segmentation]]\nname = \"{name}\"\nmethod = \"{method}\"\nfeatures = [{}]\nk = {k}\n",
            names.join(", ")
        )
    };
    let sections = format!(
        "[features]\npresets = [{{ name = \"rfm\" }}]\n{features}{}{}",
        segmentation("groups", "kmeans", "{ min = 2, max = 6, min_share = 0.01 }"),
        segmentation("tiers", "bisecting", "4")
    );
    let trial = Trial::of(&orders, &sections);
    let coordinator = Coordinator::start(trial.coordinator(2));
    let workers = workers(&trial, &coordinator, 2, &[]);
    let run = trial.assert_same(&coordinator.wait().succeeded());
    // The sample travels with its ids.
    assert!(run.figure("fit", "received_bytes") > 5_000 * (128 + 10 * 4), "{}", run.figure("fit", "received_bytes"));
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
}
