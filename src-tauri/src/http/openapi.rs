//! The parts of the OpenAPI document that every route has alike: path parameters, problems, credentials.

use domain::deployment::TTL_PATTERN;
use domain::id::{
    CheckId, ConfigurationId, DeliveryId, DeploymentId, DeploymentName, Digest, InvitationId, ModelName, ReplicaId,
    SessionId, TokenId, UseCaseId, WebhookId,
};
use domain::principal::PrincipalId;
use domain::session::COOKIE;
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, Ref, Required, ResponseBuilder};

use super::problem;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Changeover",
        description = "Replaces the model behind a live inference URL.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(domain::wire::Problem, domain::wire::ErrorCode))
)]
struct Whole;

/// The document with what every route has in common.
pub(super) fn completed(routes: utoipa::openapi::OpenApi) -> Value {
    let mut document = Whole::openapi();
    document.merge(routes);
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    let components = document.components.get_or_insert_default();
    components
        .add_security_scheme("token", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    components.add_security_scheme(
        "cookie",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            COOKIE,
            "Set by signing in; __Host-changeover_session at https://",
        ))),
    );
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(path, operation);
            let open = matches!(
                (method, path.as_str()),
                ("post", "/api/v1/session" | "/api/v1/invitations/accept" | "/api/v1/invitations/peek")
                    | ("post", "/api/v1/session/oidc/start" | "/api/v1/session/oidc/callback")
                    | ("get", "/api/v1/session/oidc" | "/api/v1/session/oidc/callback")
                    | ("get", "/api/v1/session/proof" | "/healthz" | "/readyz")
            );
            if !open {
                operation.security = Some(
                    ["token", "cookie"].map(|name| SecurityRequirement::new::<_, [&str; 0], &str>(name, [])).to_vec(),
                );
            }
        }
    }
    // What is made of types and text can always be written.
    let mut document = serde_json::to_value(document).unwrap_or_default();
    bound(&mut document);
    // A value of any type, which the types have no word for.
    if let Some(schema) = document.pointer_mut("/components/schemas/Parameter/properties/default") {
        schema["type"] = ["string", "number", "boolean", "array", "object", "null"].into_iter().collect();
    }
    for (name, pattern) in PATTERNS {
        if let Some(schema) = document.pointer_mut(&format!("/components/schemas/{name}")) {
            schema["pattern"] = Value::from(*pattern);
        }
    }
    form_of_a_file(&mut document);
    document
}

/// A form brings a file, so it says nothing of where a package runs elsewhere.
fn form_of_a_file(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    let Some(mut form) = schemas.get("RegisterModel").cloned() else { return };
    if let Some(fields) = form["properties"].as_object_mut() {
        fields.remove("url");
    }
    let mut kinds = schemas.get("PackageKind").cloned().unwrap_or_default();
    for choices in ["enum", "oneOf"] {
        if let Some(kinds) = kinds.get_mut(choices).and_then(Value::as_array_mut) {
            kinds.retain(|kind| *kind != "external" && kind["enum"] != json!(["external"]));
        }
    }
    form["properties"]["kind"]["oneOf"][1] = kinds;
    schemas.insert("RegisterFile".to_owned(), form);
    schemas["Registration"]["properties"]["meta"]["$ref"] = Value::from("#/components/schemas/RegisterFile");
}

/// The patterns of ids and names.
const PATTERNS: &[(&str, &str)] = &[
    ("CheckId", CheckId::PATTERN),
    ("ConfigurationId", ConfigurationId::PATTERN),
    ("DeploymentId", DeploymentId::PATTERN),
    ("DeploymentName", DeploymentName::PATTERN),
    ("Digest", Digest::PATTERN),
    ("InvitationId", InvitationId::PATTERN),
    ("ModelName", ModelName::PATTERN),
    ("PrincipalId", PrincipalId::PATTERN),
    ("ReplicaId", ReplicaId::PATTERN),
    ("SessionId", SessionId::PATTERN),
    ("TokenId", TokenId::PATTERN),
    ("WebhookId", WebhookId::PATTERN),
    ("DeliveryId", DeliveryId::PATTERN),
    ("UseCaseId", UseCaseId::PATTERN),
    ("CreateDeployment/properties/ttl", TTL_PATTERN),
    ("IssueToken/properties/ttl", TTL_PATTERN),
];

/// Says what the types say and their description does not: numbers without a sign have 32 bits, and a parameter is left
/// out and never null.
fn bound(value: &mut Value) {
    if let Value::Object(fields) = value {
        let integer = fields.get("type").is_some_and(|kind| kind.to_string().contains("\"integer\""));
        let unsigned = integer && fields.get("minimum").is_some_and(|least| *least == 0);
        if unsigned && fields.get("format").is_some_and(|format| format == "int32") {
            fields.remove("format");
            fields.entry("maximum").or_insert_with(|| Value::from(u32::MAX));
        }
        if fields.get("in").is_some_and(|place| place == "query")
            && let Some(schema) = fields.get_mut("schema")
        {
            not_null(schema);
        }
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(bound),
        Value::Object(fields) => fields.values_mut().for_each(bound),
        _ => {}
    }
}

fn not_null(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|kind| kind != "null");
    }
    if let Some(choices) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("patch", &mut item.patch),
        ("put", &mut item.put),
        ("delete", &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

fn complete(path: &str, operation: &mut Operation) {
    let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters = named.map(|name| {
        let number = |description| {
            (ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(u32::MAX)), description)
        };
        let text = |pattern: &str, description| {
            (ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)), description)
        };
        let (schema, description) = match name {
            "d" => text(DeploymentId::PATTERN, "Name or id of the deployment"),
            "id" if path.contains("/checks/") => text(CheckId::PATTERN, "Id of the check"),
            "id" if path.contains("/people/") => text(PrincipalId::PATTERN, "Id of the person"),
            "id" if path.contains("/groups/") => text(PrincipalId::PATTERN, "Id of the group"),
            "id" if path.contains("/services/") => text(PrincipalId::PATTERN, "Id of the service"),
            "id" if path.contains("/sessions/") => text(SessionId::PATTERN, "Id of the session"),
            "id" if path.contains("/invitations/") => text(InvitationId::PATTERN, "Id of the invitation"),
            "id" if path.contains("/use-cases/") => text(UseCaseId::PATTERN, "Id of the use case"),
            "id" if path.contains("/tokens/") => text(TokenId::PATTERN, "Id of the API token"),
            "id" => text(ConfigurationId::PATTERN, "Id of the configuration"),
            "n" if path.contains("/revisions/") => number("Number of the revision"),
            "n" => number("Number of the rollout"),
            "version" => number("Version of the model"),
            "key" => (
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["primary", "secondary"])),
                "Which key",
            ),
            _ => text(ModelName::PATTERN, "Name of the model"),
        };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schema))
            .build()
    });
    let parameters: Vec<_> = parameters.collect();
    if !parameters.is_empty() {
        operation.parameters.get_or_insert_default().splice(0..0, parameters);
    }
    let problem = ResponseBuilder::new()
        .description("Refused, and why")
        .content(problem::MEDIA_TYPE, ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build());
    operation.responses.responses.insert("default".to_owned(), problem.build().into());
}
