//! A field that no type knows is refused at every depth of every body that the OpenAPI document describes.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use super::rig::{Rig, rig};

/// Nobody's field.
const STRANGE: &str = "colour";

/// A step on the way to an object inside a body.
#[derive(Clone)]
enum Step {
    Field(String),
    Item,
}

/// The ways to all objects with fields of their own that `schema` describes, from the outermost on.
fn objects(document: &Value, schema: &Value, way: &[Step], within: &[&str], found: &mut Vec<Vec<Step>>) {
    if let Some(name) = schema["$ref"].as_str() {
        if !within.contains(&name) {
            let within = [within, &[name]].concat();
            objects(document, document.pointer(&name[1..]).unwrap(), way, &within, found);
        }
        return;
    }
    for choices in ["oneOf", "anyOf", "allOf"] {
        // An object with one field that must be there says by it which of several it is: it has no fields of its own.
        let is_word = |choice: &&Value| {
            choice["properties"].as_object().is_some_and(|fields| fields.len() == 1) && choice["required"].is_array()
        };
        for choice in schema[choices].as_array().into_iter().flatten().filter(|choice| !is_word(choice)) {
            objects(document, choice, way, within, found);
        }
    }
    let deeper = |step| [way, &[step]].concat();
    if schema["items"].is_object() {
        objects(document, &schema["items"], &deeper(Step::Item), within, found);
    }
    if let Some(fields) = schema["properties"].as_object() {
        found.push(way.to_vec());
        for (name, field) in fields {
            objects(document, field, &deeper(Step::Field(name.clone())), within, found);
        }
    }
}

/// A body that holds nothing but a strange field at the end of `way`.
fn body(way: &[Step]) -> Value {
    way.iter().rev().fold(json!({STRANGE: "blue"}), |inside, step| match step {
        Step::Field(name) => json!({ name: inside }),
        Step::Item => json!([inside]),
    })
}

/// The strange field's path, as a refusal names it.
fn path(way: &[Step]) -> String {
    let steps = way.iter().fold(String::new(), |path, step| match step {
        Step::Field(name) => format!("{path}.{name}"),
        Step::Item => format!("{path}[0]"),
    });
    format!("{steps}.{STRANGE}").trim_start_matches('.').to_owned()
}

async fn send(rig: &Rig, method: &str, route: &str, body: &Value) -> Value {
    let reply = if route.ends_with("/models") {
        rig.upload(&[], &[("meta", body.to_string().as_bytes()), ("file", b"")]).await
    } else {
        rig.with(Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(), &format!("/{route}"), &[], body.clone())
            .await
    };
    reply.refused(422, "unknown_field")
}

#[tokio::test]
async fn an_unknown_field_is_refused_in_every_object_of_every_body() {
    let rig = rig();
    rig.running().await;
    let document = rig.get("//api/openapi.json").await.is(200);
    let configuration = &document["components"]["schemas"]["Configuration"];
    let mut told = BTreeSet::new();
    for (route, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(content) = operation["requestBody"]["content"].as_object() else { continue };
            let concrete = route.replace("{d}", "iris").replace("{n}", "1").replace("{id}", "local");
            for (kind, body_of) in content {
                let mut schema = &body_of["schema"];
                if kind == "multipart/form-data" {
                    let whole = schema["$ref"].as_str().map_or(schema, |name| document.pointer(&name[1..]).unwrap());
                    schema = &whole["properties"]["meta"];
                }
                let mut ways = Vec::new();
                objects(&document, schema, &[], &[], &mut ways);
                // Changes of a configuration are any object in the document, and read as one.
                let sets = ways.iter().any(|way| way.is_empty()) && has_set(&document, schema);
                if sets {
                    objects(&document, configuration, &[Step::Field("set".to_owned())], &[], &mut ways);
                }
                assert!(!ways.is_empty(), "{method} {route} has a body without fields");
                for way in ways {
                    let problem = send(&rig, method, &concrete, &body(&way)).await;
                    assert_eq!(problem["field"], path(&way), "{method} {route}: {problem}");
                    let detail = problem["detail"].as_str().unwrap();
                    assert!(detail.contains(&format!("unknown field `{STRANGE}`, expected")), "{detail}");
                    told.insert(format!("{method} {route} {}", path(&way)));
                }
            }
        }
    }
    for expected in [
        "post /api/v1/models declared.inputs[0].colour",
        "post /api/v1/deployments configuration.environment.python.colour",
        "post /api/v1/deployments checks.humility_rules[0].colour",
        "patch /api/v1/deployments/{d} checks.humility_rules[0].colour",
        "post /api/v1/deployments/{d}/rollouts set.resources.colour",
        "post /api/v1/deployments/{d}/rollouts strategy.colour",
        "post /api/v1/deployments/{d}/configurations autoscaling.colour",
        "post /api/v1/deployments/{d}/configurations set.liveness.colour",
        "post /api/v1/deployments/{d}/checks set.colour",
    ] {
        assert!(told.contains(expected), "{expected} was not sent: {told:#?}");
    }
}

/// True when the body has the field `set`.
fn has_set(document: &Value, schema: &Value) -> bool {
    let inside = schema["$ref"].as_str().map_or(schema, |name| document.pointer(&name[1..]).unwrap());
    let choices = inside["oneOf"].as_array().into_iter().flatten();
    inside["properties"]["set"].is_object() || choices.into_iter().any(|choice| has_set(document, choice))
}
