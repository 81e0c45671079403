//! The OpenAPI document and the router say the same.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use super::rig::{HOST, Rig, request, rig};

/// Every route of the contract.
const ROUTES: &[(&str, &str)] = &[
    ("post", "/api/v1/session"),
    ("get", "/api/v1/session/proof"),
    ("get", "/api/v1/session"),
    ("delete", "/api/v1/session"),
    ("post", "/api/v1/session/reauthenticate"),
    ("get", "/api/v1/session/oidc"),
    ("post", "/api/v1/session/oidc/start"),
    ("get", "/api/v1/session/oidc/callback"),
    ("post", "/api/v1/session/oidc/callback"),
    ("delete", "/api/v1/me/identity"),
    ("delete", "/api/v1/people/{id}/identity"),
    ("post", "/api/v1/faults"),
    ("get", "/api/v1/sessions"),
    ("delete", "/api/v1/sessions"),
    ("delete", "/api/v1/sessions/{id}"),
    ("get", "/api/v1/people"),
    ("patch", "/api/v1/people/{id}"),
    ("post", "/api/v1/people/{id}/disable"),
    ("post", "/api/v1/people/{id}/enable"),
    ("post", "/api/v1/people/{id}/erase"),
    ("get", "/api/v1/me"),
    ("patch", "/api/v1/me"),
    ("post", "/api/v1/me/password"),
    ("get", "/api/v1/principals"),
    ("get", "/api/v1/invitations"),
    ("post", "/api/v1/invitations"),
    ("delete", "/api/v1/invitations/{id}"),
    ("post", "/api/v1/invitations/peek"),
    ("post", "/api/v1/invitations/accept"),
    ("get", "/api/v1/groups"),
    ("post", "/api/v1/groups"),
    ("patch", "/api/v1/groups/{id}"),
    ("delete", "/api/v1/groups/{id}"),
    ("get", "/api/v1/services"),
    ("post", "/api/v1/services"),
    ("patch", "/api/v1/services/{id}"),
    ("get", "/api/v1/tokens"),
    ("post", "/api/v1/tokens"),
    ("delete", "/api/v1/tokens/{id}"),
    ("get", "/api/v1/models"),
    ("post", "/api/v1/models"),
    ("get", "/api/v1/models/{name}"),
    ("get", "/api/v1/models/{name}/versions/{version}"),
    ("delete", "/api/v1/models/{name}/versions/{version}"),
    ("get", "/api/v1/models/{name}/versions/{version}/artifact"),
    ("get", "/api/v1/models/{name}/versions/{version}/client"),
    ("get", "/api/v1/deployments/{d}/client"),
    ("get", "/api/v1/deployments/{d}/input"),
    ("post", "/api/v1/deployments/{d}/predict"),
    ("get", "/api/v1/deployments/{d}/application"),
    ("put", "/api/v1/deployments/{d}/application"),
    ("delete", "/api/v1/deployments/{d}/application"),
    ("get", "/api/v1/deployments"),
    ("post", "/api/v1/deployments"),
    ("get", "/api/v1/deployments/{d}"),
    ("patch", "/api/v1/deployments/{d}"),
    ("delete", "/api/v1/deployments/{d}"),
    ("get", "/api/v1/deployments/{d}/model-history"),
    ("post", "/api/v1/deployments/{d}/activate"),
    ("post", "/api/v1/deployments/{d}/deactivate"),
    ("post", "/api/v1/deployments/{d}/relaunch"),
    ("get", "/api/v1/configurations"),
    ("post", "/api/v1/configurations"),
    ("get", "/api/v1/configurations/{id}"),
    ("get", "/api/v1/deployments/{d}/configurations"),
    ("post", "/api/v1/deployments/{d}/configurations"),
    ("get", "/api/v1/deployments/{d}/configurations/{id}"),
    ("get", "/api/v1/deployments/{d}/configurations/{id}/diff"),
    ("get", "/api/v1/deployments/{d}/rollouts"),
    ("post", "/api/v1/deployments/{d}/rollouts"),
    ("get", "/api/v1/deployments/{d}/rollouts/{n}"),
    ("post", "/api/v1/deployments/{d}/rollouts/{n}/pause"),
    ("post", "/api/v1/deployments/{d}/rollouts/{n}/resume"),
    ("post", "/api/v1/deployments/{d}/rollouts/{n}/cancel"),
    ("post", "/api/v1/deployments/{d}/rollouts/{n}/dismiss"),
    ("post", "/api/v1/deployments/{d}/rollback"),
    ("post", "/api/v1/deployments/{d}/rehearse"),
    ("post", "/api/v1/compat"),
    ("get", "/api/v1/deployments/{d}/checks"),
    ("post", "/api/v1/deployments/{d}/checks"),
    ("get", "/api/v1/deployments/{d}/checks/{id}"),
    ("get", "/api/v1/deployments/{d}/revisions"),
    ("get", "/api/v1/deployments/{d}/keys"),
    ("post", "/api/v1/deployments/{d}/keys/{key}/regenerate"),
    ("post", "/api/v1/deployments/{d}/tokens"),
    ("delete", "/api/v1/deployments/{d}/tokens"),
    ("delete", "/api/v1/deployments/{d}/revisions/{n}"),
    ("post", "/api/v1/deployments/{d}/revisions/{n}/quarantine"),
    ("delete", "/api/v1/deployments/{d}/revisions/{n}/quarantine"),
    ("get", "/api/v1/deployments/{d}/logs"),
    ("get", "/api/v1/deployments/{d}/records"),
    ("get", "/api/v1/deployments/{d}/records/export"),
    ("get", "/api/v1/deployments/{d}/records/{id}"),
    ("get", "/api/v1/deployments/{d}/logs/download"),
    ("get", "/api/v1/deployments/{d}/logs/replicas"),
    ("get", "/api/v1/deployments/{d}/metrics"),
    ("post", "/api/v1/deployments/{d}/clear-statistics"),
    ("get", "/api/v1/change-requests"),
    ("get", "/api/v1/change-requests/counts"),
    ("get", "/api/v1/change-requests/{id}"),
    ("patch", "/api/v1/change-requests/{id}"),
    ("post", "/api/v1/change-requests/{id}/reviews"),
    ("delete", "/api/v1/change-requests/{id}/reviews"),
    ("post", "/api/v1/change-requests/{id}/rebase"),
    ("post", "/api/v1/change-requests/{id}/apply"),
    ("post", "/api/v1/change-requests/{id}/cancel"),
    ("get", "/api/v1/break-glass"),
    ("post", "/api/v1/break-glass/{id}/acknowledge"),
    ("get", "/api/v1/policies"),
    ("post", "/api/v1/policies"),
    ("post", "/api/v1/policies/match"),
    ("get", "/api/v1/policies/{id}"),
    ("put", "/api/v1/policies/{id}"),
    ("delete", "/api/v1/policies/{id}"),
    ("get", "/api/v1/freezes"),
    ("post", "/api/v1/freezes"),
    ("post", "/api/v1/freezes/preview"),
    ("get", "/api/v1/freezes/{id}"),
    ("put", "/api/v1/freezes/{id}"),
    ("delete", "/api/v1/freezes/{id}"),
    ("post", "/api/v1/freezes/{id}/lift"),
    ("get", "/api/v1/freezes/{id}/occurrences"),
    ("get", "/api/v1/use-cases"),
    ("post", "/api/v1/use-cases"),
    ("get", "/api/v1/use-cases/{id}"),
    ("patch", "/api/v1/use-cases/{id}"),
    ("delete", "/api/v1/use-cases/{id}"),
    ("get", "/api/v1/use-cases/{id}/deployments"),
    ("put", "/api/v1/use-cases/{id}/deployments/{d}"),
    ("delete", "/api/v1/use-cases/{id}/deployments/{d}"),
    ("get", "/api/v1/deployments/{d}/access"),
    ("put", "/api/v1/deployments/{d}/access"),
    ("patch", "/api/v1/deployments/{d}/access"),
    ("get", "/api/v1/history"),
    ("get", "/api/v1/history/groups"),
    ("get", "/api/v1/history/verify"),
    ("get", "/api/v1/history/export"),
    ("get", "/api/v1/events"),
    ("put", "/api/v1/events/traffic"),
    ("get", "/api/v1/notices"),
    ("post", "/api/v1/notices/read"),
    ("get", "/api/v1/me/deployments-page"),
    ("put", "/api/v1/me/deployments-page"),
    ("get", "/api/v1/notices/preferences"),
    ("put", "/api/v1/notices/preferences"),
    ("get", "/api/v1/webhooks"),
    ("post", "/api/v1/webhooks"),
    ("get", "/api/v1/webhooks/{id}"),
    ("put", "/api/v1/webhooks/{id}"),
    ("delete", "/api/v1/webhooks/{id}"),
    ("post", "/api/v1/webhooks/{id}/rotate"),
    ("post", "/api/v1/webhooks/{id}/test"),
    ("get", "/api/v1/deliveries"),
    ("post", "/api/v1/deliveries/{id}/again"),
    ("get", "/api/v1/mail"),
    ("post", "/api/v1/mail/test"),
    ("get", "/api/v1/settings"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/api/v1/traffic"),
    ("get", "/metrics"),
];

/// Routes that need no token.
const OPEN: &[(&str, &str)] = &[
    ("post", "/api/v1/session"),
    ("get", "/api/v1/session/proof"),
    ("get", "/api/v1/session/oidc"),
    ("post", "/api/v1/session/oidc/start"),
    ("get", "/api/v1/session/oidc/callback"),
    ("post", "/api/v1/session/oidc/callback"),
    ("post", "/api/v1/invitations/peek"),
    ("post", "/api/v1/invitations/accept"),
    ("get", "/healthz"),
    ("get", "/readyz"),
];

async fn document(rig: &Rig) -> Value {
    let document = rig.get("//api/openapi.json").await.is(200);
    let text = document.to_string();
    serde_json::from_str::<utoipa::openapi::OpenApi>(&text).unwrap();
    document
}

fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((method.as_str(), path.as_str(), operation));
        }
    }
    operations
}

#[tokio::test]
async fn every_route_is_documented_and_every_documented_route_answers() {
    let rig = rig();
    let document = document(&rig).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut found: Vec<_> = operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    let mut expected = ROUTES.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    for (method, path) in ROUTES {
        let concrete = path
            .replace("{d}", "iris")
            .replace("{n}", "1")
            .replace("{version}", "1")
            .replace("{name}", "a")
            .replace("{id}", "b");
        let path = format!("/{concrete}");
        // Cut off at once: events have no end.
        let request = request(&method.to_uppercase(), &path).body(Body::empty()).unwrap();
        let response = tower::ServiceExt::oneshot(rig.router.clone(), request).await.unwrap();
        assert_ne!(response.status(), 405, "{method} {path}");
        if response.status() == 404 {
            let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
            assert!(!String::from_utf8_lossy(&body).contains("There is no route"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_route_but_a_few_needs_the_token_and_says_so() {
    let rig = rig();
    let document = document(&rig).await;
    for (method, path, operation) in operations(&document) {
        let open = OPEN.contains(&(method, path));
        assert_eq!(operation.get("security").is_none(), open, "{method} {path}");
        let concrete = path.replace(['{', '}'], "");
        let request = Request::builder().method(method.to_uppercase().as_str()).uri(concrete).header("host", HOST);
        let reply = rig.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status == 401, !open, "{method} {path}: {reply:?}");
    }
}

#[tokio::test]
async fn every_reference_leads_to_a_schema_and_every_operation_says_what_it_does() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document(&rig()).await;
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
    for (method, path, operation) in operations(&document) {
        assert!(operation["summary"].is_string() || operation["description"].is_string(), "{method} {path}");
        assert!(
            operation["responses"]["default"]["content"]["application/problem+json"].is_object(),
            "{method} {path}"
        );
        let parameters =
            operation["parameters"].as_array().map_or(0, |all| all.iter().filter(|p| p["in"] == "path").count());
        assert_eq!(parameters, path.matches('{').count(), "{method} {path}");
    }
}

#[tokio::test]
async fn limits_and_patterns_that_hold_are_said() {
    let document = rig().get("//api/openapi.json").await.is(200);
    let parameters = |path: &str| document["paths"][path]["get"]["parameters"].as_array().cloned().unwrap_or_default();
    let schema = |path: &str, name: &str| {
        parameters(path)
            .into_iter()
            .find(|parameter| parameter["name"] == name)
            .map(|parameter| parameter["schema"].clone())
    };
    let limit = schema("/api/v1/models", "limit").unwrap();
    assert_eq!((&limit["minimum"], &limit["maximum"]), (&Value::from(1), &Value::from(1000)), "{limit}");
    assert!(!limit["type"].to_string().contains("null"), "a parameter is left out, never null: {limit}");
    let before = schema("/api/v1/models/{name}", "before").unwrap();
    assert!(before["format"].is_null() || before.get("$ref").is_some(), "{before}");
    let version = schema("/api/v1/models/{name}/versions/{version}", "version").unwrap();
    assert_eq!((&version["type"], &version["minimum"]), (&Value::from("integer"), &Value::from(1)));
    assert_eq!(document["components"]["schemas"]["ModelName"]["pattern"], domain::id::ModelName::PATTERN);
    let default = &document["components"]["schemas"]["Parameter"]["properties"]["default"]["type"];
    assert_eq!(default.as_array().map(Vec::len), Some(6), "any JSON value: {default}");

    for body in ["CreateDeployment", "IssueToken"] {
        let ttl = &document["components"]["schemas"][body]["properties"]["ttl"]["pattern"];
        assert_eq!(ttl, domain::deployment::TTL_PATTERN, "{body}");
    }
    for (path, name) in [
        ("/api/v1/deployments", "sort"),
        ("/api/v1/deployments", "status"),
        ("/api/v1/deployments", "cursor"),
        ("/api/v1/history", "cursor"),
        ("/api/v1/history", "after"),
        ("/api/v1/history/groups", "cursor"),
        ("/api/v1/deployments/{d}/rollouts", "cursor"),
        ("/api/v1/deployments/{d}/revisions", "cursor"),
    ] {
        assert!(schema(path, name).unwrap()["pattern"].is_string(), "{path} {name}");
    }
    let form = &document["components"]["schemas"]["RegisterFile"]["properties"];
    assert!(form["url"].is_null() && form["name"].is_object(), "{form}");
    assert!(!form["kind"].to_string().contains("external") && form["kind"].to_string().contains("onnx"), "{form}");
    let meta = &document["components"]["schemas"]["Registration"]["properties"]["meta"]["$ref"];
    assert_eq!(meta, "#/components/schemas/RegisterFile");
}

/// What the patterns of the list's parameters take is taken by the server.
#[tokio::test]
async fn parameters_that_fit_their_patterns_are_taken() {
    let rig = rig();
    for query in [
        "status=running,dead&importance=high&sort=-last_operation&include=replicas,revisions",
        "status=&importance=,&include=&sort=name",
        "cursor=-5.iris",
    ] {
        rig.get(&format!("/deployments?{query}")).await.is(200);
    }
    for (query, field) in [("sort=", "sort"), ("cursor=", "cursor"), ("status=asleep", "status")] {
        assert_eq!(rig.get(&format!("/deployments?{query}")).await.refused(422, "invalid_field")["field"], field);
    }
}
