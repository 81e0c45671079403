//! Random lines of a script.

use proptest::prelude::Just;
use proptest::prop_oneof;
use proptest::strategy::Strategy;

fn model() -> impl Strategy<Value = u32> {
    1u32..4
}

fn replica() -> impl Strategy<Value = u32> {
    1u32..12
}

/// The fields that an update may set. Half of the updates leave the model as it is.
fn changes() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => model().prop_map(|model| format!("models=iris@{model}")),
        2 => (1u32..9).prop_map(|n| format!("user_config={{\"threshold\":0.{n}}}")),
        1 => (1u32..4).prop_map(|n| format!("user_config={{\"refused\":{n}}}")),
        1 => Just("max_queue_ms=100".to_owned()),
        1 => (model(), 1u32..9).prop_map(|(model, n)| format!("models=iris@{model} user_config={{\"threshold\":0.{n}}}")),
    ]
}

fn policy() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just(" on_failure=revert"), Just(" on_failure=stop"), Just(" on_failure=dead")]
}

fn update() -> impl Strategy<Value = String> {
    (changes(), policy(), 1u32..40, proptest::bool::ANY).prop_map(|(changes, policy, rollout, on_top)| {
        let on_top_of = if on_top { format!(" on_top_of={}", rollout % 6) } else { String::new() };
        format!("update iris {changes}{policy}{on_top_of} override=on-purpose")
    })
}

fn behaviour() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        4 => Just("ready 300ms"),
        2 => Just("ready 0s"),
        2 => Just("never-ready"),
        1 => Just("ready 3s"),
        1 => Just("ignores-stop 2s"),
    ]
}

fn wait() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (1u32..80).prop_map(|n| format!("wait {}ms", n * 10)),
        2 => (1u32..9).prop_map(|n| format!("wait {n}s")),
    ]
}

/// An update or an operator's act in the midst of a pass.
fn meanwhile() -> impl Strategy<Value = String> {
    (1u32..5, prop_oneof![update(), operator()]).prop_map(|(n, line)| format!("meanwhile {n} {line}"))
}

fn operator() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("cancel iris".to_owned()),
        2 => Just("pause iris".to_owned()),
        2 => Just("resume iris".to_owned()),
        2 => Just("rollback iris override=on-purpose".to_owned()),
        1 => Just("relaunch iris".to_owned()),
        1 => (1u32..6).prop_map(|n| format!("quarantine iris {n}")),
        1 => (1u32..6).prop_map(|n| format!("lift iris {n}")),
    ]
}

/// Commands, slow and failing starts, requests, kills of the server; replicas that were ready stay so.
pub(crate) fn without_accidents() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => update(),
        3 => operator(),
        2 => meanwhile(),
        // The first model is the one that everything can go back to.
        3 => (2u32..4, behaviour()).prop_map(|(model, how)| format!("behave iris@{model} {how}")),
        5 => wait(),
        2 => (replica(), 0u32..2).prop_map(|(replica, n)| format!("busy iris r{replica} {n}")),
        2 => (1u32..40, proptest::bool::ANY).prop_map(|(call, after)| {
            format!("cut {call} {}", if after { "after" } else { "before" })
        }),
    ]
}

/// The same with replicas that fail by themselves, scaling, lack of room, deactivation.
pub(crate) fn anything() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => without_accidents(),
        2 => replica().prop_map(|replica| format!("crash r{replica}")),
        1 => replica().prop_map(|replica| format!("sicken r{replica}")),
        1 => (2u32..4).prop_map(|model| format!("behave iris@{model} crashes 200ms")),
        1 => (2u32..4).prop_map(|model| format!("behave iris@{model} flaps 400ms")),
        1 => (2u32..4).prop_map(|model| format!("behave iris@{model} cannot-start")),
        1 => (1u32..6).prop_map(|n| format!("update iris replicas={n}")),
        1 => Just("update iris autoscaling={\"min_replicas\":1,\"max_replicas\":5,\"up_delay_seconds\":1,\"down_delay_seconds\":2}".to_owned()),
        1 => (0u32..6, 0u32..3).prop_map(|(in_flight, waiting)| format!("demand iris {in_flight} {waiting}")),
        1 => (1u32..8).prop_map(|n| format!("machine cpu={}", f64::from(n) / 10.0)),
        1 => Just("deactivate iris".to_owned()),
        1 => Just("activate iris".to_owned()),
        1 => (1u32..5).prop_map(|n| format!("meanwhile {n} deactivate iris")),
        1 => policy().prop_map(|policy| format!("patch iris{}", if policy.is_empty() { " on_failure=revert" } else { policy })),
    ]
}
