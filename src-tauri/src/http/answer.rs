//! Answers as responses: status, JSON, tag and place.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::problem;
use crate::api::{Answer, Effect, Resource};

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let (status, media) = match self.outcome {
            Effect::Done => (StatusCode::OK, "application/json"),
            Effect::Created => (StatusCode::CREATED, "application/json"),
            Effect::Accepted => (StatusCode::ACCEPTED, "application/json"),
            Effect::Refused(code) => (problem::status(code), problem::MEDIA_TYPE),
        };
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = status;
        let head = response.headers_mut();
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        let (etag, location) = (self.tag.map(|tag| format!("\"{tag}\"")), self.resource.as_ref().map(path));
        for (name, value) in [(header::ETAG, etag), (header::LOCATION, location)] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                head.insert(name, value);
            }
        }
        if self.replayed {
            head.insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}

/// The path at which a resource can be read.
fn path(resource: &Resource) -> String {
    match resource {
        Resource::Deployment(name) => format!("/api/v1/deployments/{name}"),
        Resource::Rollout(deployment, number) => format!("/api/v1/deployments/{deployment}/rollouts/{number}"),
        Resource::Check(deployment, id) => format!("/api/v1/deployments/{deployment}/checks/{id}"),
        Resource::Configuration(id) => format!("/api/v1/configurations/{id}"),
        Resource::ConfigurationOf(deployment, id) => format!("/api/v1/deployments/{deployment}/configurations/{id}"),
        Resource::Request(id) => format!("/api/v1/change-requests/{id}"),
        Resource::UseCase(id) => format!("/api/v1/use-cases/{id}"),
        Resource::Policy(id) => format!("/api/v1/policies/{id}"),
        Resource::Freeze(id) => format!("/api/v1/freezes/{id}"),
        Resource::Webhook(id) => format!("/api/v1/webhooks/{id}"),
        Resource::Model(model) => format!("/api/v1/models/{}/versions/{}", model.name, model.version),
    }
}
