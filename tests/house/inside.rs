//! The direction of dependencies inside `domain`, the pages and the gateway, module by module (`ARCHITECTURE.md`).

use std::collections::BTreeMap;

use crate::graph;
use crate::sources::none;

/// A module, and the modules beside it that it may name.
type Rules = [(&'static str, &'static [&'static str])];

const DOMAIN: &Rules = &[
    ("access", &["caller", "error_code", "id", "principal"]),
    (
        "action",
        &["access", "caller", "deployment", "error_code", "id", "ledger", "moment", "principal", "rollout", "use_case"],
    ),
    ("autoscaling", &["configuration"]),
    ("break_glass", &["access", "error_code", "id", "principal"]),
    ("built_in", &["model"]),
    ("caller", &["id"]),
    ("canonical", &[]),
    ("chain", &["canonical", "id"]),
    ("change", &["canonical", "compat", "configuration", "deployment", "id", "rollout", "strategy"]),
    ("change_request", &["error_code", "id", "policy", "principal", "terms", "words"]),
    ("compat", &["configuration", "id", "model", "python", "runtime"]),
    ("condition", &["change_request", "deployment", "replica", "rollout"]),
    ("configuration", &["built_in", "canonical", "id", "model", "python", "runtime", "strategy", "visible"]),
    ("credential", &[]),
    ("deployment", &["compat", "id", "strategy"]),
    ("diff", &["configuration", "target"]),
    ("error_code", &[]),
    (
        "event",
        &[
            "access",
            "caller",
            "change",
            "change_request",
            "compat",
            "configuration",
            "credential",
            "deployment",
            "exact_plan",
            "freeze",
            "id",
            "model",
            "policy",
            "principal",
            "receipt",
            "replica",
            "requested",
            "rollout",
            "session",
            "step_kind",
            "use_case",
            "words",
        ],
    ),
    ("exact_plan", &["canonical", "change_request", "compat", "deployment", "id", "openapi", "policy", "strategy"]),
    ("first_answers", &["configuration", "id", "model", "runtime"]),
    ("freeze", &["deployment", "id", "local_time", "terms", "zone"]),
    ("id", &[]),
    (
        "ledger",
        &[
            "access",
            "change",
            "change_request",
            "compat",
            "configuration",
            "deployment",
            "event",
            "freeze",
            "id",
            "plan",
            "principal",
            "receipt",
            "replica",
            "requested",
            "revision",
            "rollout",
            "step_kind",
            "strategy",
            "target",
            "words",
        ],
    ),
    ("local_time", &["zone"]),
    ("metrics", &[]),
    ("moment", &[]),
    ("page_preferences", &["id"]),
    ("model", &["id", "python", "runtime"]),
    (
        "notice",
        &[
            "access",
            "change_request",
            "event",
            "freeze",
            "id",
            "moment",
            "period",
            "policy",
            "principal",
            "receipt",
            "rollout",
            "visible",
        ],
    ),
    ("openapi", &["configuration", "id", "strategy"]),
    ("period", &["deployment"]),
    ("place", &["resources"]),
    ("plan", &["id", "replica", "step_kind", "strategy"]),
    (
        "plan_hashes",
        &["change", "change_request", "configuration", "event", "exact_plan", "id", "principal", "requested"],
    ),
    ("policy", &["deployment", "id", "period", "principal", "terms"]),
    ("principal", &["id"]),
    ("proof", &[]),
    ("provider", &["principal", "sign_in", "visible"]),
    ("python", &[]),
    ("receipt", &["id"]),
    ("rehearsal", &["configuration", "id", "plan", "replica", "step_kind", "strategy", "target", "words"]),
    ("replica", &["id", "resources"]),
    ("requested", &["access", "change_request", "deployment", "exact_plan", "id", "principal"]),
    ("resources", &["configuration", "python", "strategy"]),
    ("revision", &[]),
    ("rollback", &["id", "revision"]),
    ("rollout", &["deployment", "plan", "step_kind", "strategy"]),
    ("runtime", &[]),
    ("secret", &[]),
    ("session", &[]),
    ("sharing", &["access", "principal"]),
    ("sign_in", &["principal", "session", "visible"]),
    ("step_kind", &[]),
    ("story", &["deployment", "event", "id", "rollout"]),
    ("strategy", &[]),
    ("strict", &[]),
    ("summary", &["change_request", "deployment", "event", "moment", "principal", "replica", "rollout"]),
    ("target", &["resources"]),
    ("terms", &["visible"]),
    ("use_case", &["access", "caller", "freeze", "id", "policy", "principal", "terms"]),
    ("visible", &[]),
    ("webhook", &["id", "notice", "terms"]),
    (
        "wire",
        &[
            "access",
            "action",
            "caller",
            "chain",
            "change_request",
            "compat",
            "condition",
            "configuration",
            "credential",
            "deployment",
            "diff",
            "error_code",
            "event",
            "exact_plan",
            "freeze",
            "id",
            "model",
            "notice",
            "policy",
            "principal",
            "provider",
            "receipt",
            "rehearsal",
            "replica",
            "revision",
            "rollout",
            "secret",
            "session",
            "step_kind",
            "strategy",
            "strict",
            "target",
            "webhook",
            "words",
        ],
    ),
    ("words", &[]),
    ("zone", &[]),
];

const PAGES: &Rules = &[
    ("actions", &["dialogs"]),
    (
        "approvals",
        &["dialogs", "drawn", "in_address", "named", "page_title", "query_answer", "row_keys", "slash", "submission"],
    ),
    ("broken_off", &[]),
    ("checks_form", &[]),
    ("chosen_time", &[]),
    ("client_script", &["query_answer"]),
    ("configuration_list", &[]),
    ("confirm", &["actions", "dialogs", "doing", "query_answer", "submission"]),
    ("deploy", &["dialogs", "model_file"]),
    (
        "deployment",
        &[
            "actions",
            "client_script",
            "configuration_list",
            "dialogs",
            "drawn",
            "in_address",
            "named",
            "page_title",
            "query_answer",
            "replica_squares",
        ],
    ),
    (
        "deployments",
        &["actions", "dialogs", "drawn", "named", "page_title", "query_answer", "replica_squares", "slash"],
    ),
    ("dialogs", &[]),
    ("doing", &[]),
    ("drawn", &[]),
    ("failure_modes", &[]),
    (
        "frame",
        &[
            "approvals",
            "deployment",
            "deployments",
            "dialogs",
            "freezes",
            "heard",
            "history",
            "kept_focus",
            "me",
            "models",
            "navigation",
            "notifications",
            "open_dialog",
            "people",
            "query_answer",
            "sign_in",
            "to_provider",
            "use_cases",
        ],
    ),
    ("freezes", &["drawn", "in_address", "page_title", "query_answer", "submission"]),
    ("heard", &[]),
    ("history", &["drawn", "in_address", "page_title", "query_answer", "slash"]),
    ("in_address", &[]),
    ("kept_focus", &[]),
    ("me", &["drawn", "in_address", "page_title", "query_answer", "to_provider", "tokens"]),
    ("model_file", &["query_answer"]),
    (
        "models",
        &[
            "client_script",
            "confirm",
            "dialogs",
            "model_file",
            "page_title",
            "pairs",
            "query_answer",
            "side_by_side",
            "submission",
        ],
    ),
    ("named", &[]),
    ("navigation", &["dialogs"]),
    ("notifications", &["drawn", "in_address", "page_title", "query_answer"]),
    (
        "open_dialog",
        &["approvals", "confirm", "deploy", "dialogs", "models", "palette", "settings", "update", "use_cases"],
    ),
    ("overriding", &[]),
    ("page_title", &[]),
    ("pairs", &[]),
    ("palette", &["actions", "dialogs"]),
    ("people", &["drawn", "in_address", "named", "page_title", "query_answer", "submission", "tokens"]),
    ("query_answer", &[]),
    ("replica_squares", &[]),
    ("row_keys", &[]),
    (
        "settings",
        &["checks_form", "dialogs", "doing", "failure_modes", "pairs", "query_answer", "strategy", "submission"],
    ),
    ("side_by_side", &["query_answer"]),
    ("sign_in", &["in_address", "query_answer", "to_provider"]),
    ("slash", &[]),
    ("strategy", &[]),
    ("submission", &["chosen_time", "overriding"]),
    ("to_provider", &[]),
    ("tokens", &["drawn", "named", "query_answer"]),
    (
        "update",
        &[
            "actions",
            "chosen_time",
            "configuration_list",
            "dialogs",
            "doing",
            "drawn",
            "failure_modes",
            "overriding",
            "pairs",
            "query_answer",
            "side_by_side",
            "strategy",
            "submission",
        ],
    ),
    ("use_cases", &["actions", "dialogs", "drawn", "in_address", "named", "page_title", "query_answer", "submission"]),
];

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
fn modules_of_the_domain_name_only_what_they_may() {
    check("domain/src/lib.rs", "domain/src/", DOMAIN);
}

#[test]
fn pages_name_only_what_they_may() {
    check("app/src/main.rs", "app/src/pages/", PAGES);
}

#[test]
fn modules_of_the_gateway_name_only_what_they_may() {
    check("src-tauri/src/lib.rs", "src-tauri/src/gateway/", GATEWAY);
}

fn check(package: &str, folder: &str, rules: &Rules) {
    let rules: BTreeMap<_, _> = rules.iter().copied().collect();
    let module = |file: &str| {
        let name = file.strip_prefix(folder)?.split(['/', '.']).next()?;
        (!["lib", "mod"].contains(&name)).then(|| name.to_owned())
    };
    let (mut faults, mut arrows) = (circles(&rules), 0);
    for (file, needs) in graph::of(package) {
        let Some(from) = module(&file) else { continue };
        let Some(allowed) = rules.get(from.as_str()) else {
            faults.push(format!("{file}: the module {from} has no place among the arrows"));
            continue;
        };
        for (other, names) in needs {
            let Some(to) = module(&other).filter(|to| *to != from) else { continue };
            arrows += 1;
            if !allowed.contains(&to.as_str()) {
                faults.push(format!("{file}: {from} → {to} ({})", Vec::from_iter(names).join(", ")));
            }
        }
    }
    assert!(arrows > 10, "only {arrows} arrows below {folder}, is it right?");
    none(&format!("these arrows inside {folder} point the wrong way:"), &faults);
}

/// Modules from which the arrows that are allowed lead back to them.
fn circles(rules: &BTreeMap<&str, &[&str]>) -> Vec<String> {
    let leads_back = |start: &&str| {
        let (mut open, mut seen) = (vec![*start], Vec::new());
        while let Some(module) = open.pop() {
            let next = rules.get(module).copied().unwrap_or_default();
            if next.contains(start) {
                return true;
            }
            open.extend(next.iter().filter(|next| !seen.contains(*next)));
            seen.extend(next);
        }
        false
    };
    rules.keys().copied().filter(leads_back).map(|module| format!("the rules lead from {module} back to it")).collect()
}
