//! What the OpenAPI document says of every route alike: path parameters, problems, who may ask.

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
pub(super) fn completed(routes: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let mut document = Whole::openapi();
    document.merge(routes);
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    let components = document.components.get_or_insert_default();
    components
        .add_security_scheme("token", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    components
        .add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("changeover_session"))));
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(path, operation);
            let open = matches!(
                (method, path.as_str()),
                ("post", "/api/v1/session") | ("get", "/api/v1/session/proof" | "/healthz" | "/readyz")
            );
            if !open {
                operation.security = Some(
                    ["token", "cookie"].map(|name| SecurityRequirement::new::<_, [&str; 0], &str>(name, [])).to_vec(),
                );
            }
        }
    }
    document
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
        let (kind, description) = match name {
            "d" => (Type::String, "Name or id of the deployment"),
            "id" if path.contains("/checks/") => (Type::String, "Id of the check"),
            "id" => (Type::String, "Id of the configuration"),
            "n" if path.contains("/revisions/") => (Type::Integer, "Number of the revision"),
            "n" => (Type::Integer, "Number of the rollout"),
            "version" => (Type::Integer, "Version of the model"),
            _ => (Type::String, "Name of the model"),
        };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(ObjectBuilder::new().schema_type(kind)))
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
