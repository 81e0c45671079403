//! The direction of dependencies inside the gateway, module by module (`ARCHITECTURE.md`).

use crate::rules::{Rules, check};

const GATEWAY: &Rules = &[
    ("balance", &["deployment"]),
    ("bell", &[]),
    ("body", &["client", "cut", "deployment", "headers", "link", "tally", "worker"]),
    ("client", &["bell", "note", "problem", "settings", "tally"]),
    ("credential", &["problem"]),
    ("cut", &[]),
    ("deployment", &["credential", "gate", "load", "meters", "metrics", "queue", "route", "tally"]),
    (
        "forward",
        &["balance", "body", "client", "deployment", "headers", "link", "note", "problem", "tally", "upload", "worker"],
    ),
    ("gate", &[]),
    ("headers", &["credential", "deployment"]),
    ("link", &["bell", "upload", "upstream"]),
    ("load", &[]),
    ("meters", &["metrics", "recent"]),
    ("metrics", &[]),
    ("note", &["deployment", "records", "route"]),
    ("numbers", &[]),
    ("pool", &["deployment", "link"]),
    ("problem", &["tally"]),
    ("queue", &[]),
    ("recent", &[]),
    ("records", &["deployment", "route"]),
    ("route", &["credential"]),
    ("seconds", &["deployment"]),
    ("serve", &["body", "client", "forward", "load", "problem", "records", "worker"]),
    ("settings", &["records", "seconds"]),
    ("tally", &["metrics"]),
    ("upload", &["client", "cut", "headers", "problem", "settings"]),
    ("upstream", &[]),
    ("worker", &["client", "deployment", "link", "pool", "problem", "records", "seconds", "settings", "upload"]),
];

#[test]
fn modules_of_the_gateway_name_only_what_they_may() {
    check("src-tauri/src/lib.rs", "src-tauri/src/gateway/", GATEWAY);
}
