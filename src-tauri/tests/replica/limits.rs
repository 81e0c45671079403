//! Limits: what a replica does with what it is told of them.

use std::fs;

use crate::host::Start;

#[tokio::test]
async fn its_first_line_tells_what_is_not_enforced() {
    let mut replica = Start::onnx("iris-v1.onnx").args(["--not-enforced", "cpu_limit is not enforced."]).spawn();
    assert_eq!(replica.says("").await, "changeover replica: r-1: cpu_limit is not enforced.");
}

#[tokio::test]
async fn it_limits_its_own_memory_and_enters_its_group_before_it_loads_anything() {
    let group = tempfile::tempdir().unwrap();
    let start = Start::onnx("iris-v1.onnx").args(["--memory-limit", "100000000"]).arg("--cgroup").arg(group.path());
    let replica = start.ready().await;
    // The kernel takes it for the process that writes.
    assert_eq!(fs::read_to_string(group.path().join("cgroup.procs")).unwrap(), "0");
    let limits = procfs::process::Process::new(replica.pid()).unwrap().limits().unwrap();
    let most = limits.max_data_size.hard_limit;
    assert!(matches!(most, procfs::process::LimitValue::Value(100_000_000)), "{most:?}");

    let (status, said) = Start::onnx("iris-v1.onnx").args(["--memory-limit", "8000000"]).fails().await;
    assert!(status != Some(0) && said.to_lowercase().contains("alloc"), "{status:?} {said}");
    let (status, said) = Start::onnx("iris-v1.onnx").args(["--cgroup", "/no/such/group"]).fails().await;
    assert_eq!(status, Some(1));
    assert!(said.contains("cannot enter its control group"), "{said}");
}
